// The explorer: GraphiQL over this hub's own /graphql, subscriptions over WebSocket, a field for the token.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { parse } from 'graphql';
import { useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import './explorer.css';

const root = document.getElementById('explorer');
const url = new URL(root.dataset.graphql, window.location.href);
const socketUrl = Object.assign(new URL(url), { protocol: url.protocol.replace('http', 'ws') });
const TOKEN = 'jiyi.explorer.token';

const WELCOME = `# 集易 · Jiyi
# 上方填入访问令牌后，可查询您本人的数据。
# Enter an access token above to query your own data.

{
  serviceItems {
    code
    name
  }
}
`;

// The editor's own parsed document lags behind what is typed; which transport to take must not.
function documentOf(query) {
  try {
    return parse(query);
  } catch {
    return undefined;
  }
}

function Explorer() {
  const [token, setToken] = useState(() => sessionStorage.getItem(TOKEN) ?? '');
  const fetcher = useMemo(() => {
    const fetch = createGraphiQLFetcher({ url: url.href, subscriptionUrl: socketUrl.href });
    return (parameters, options = {}) => {
      const authorization = token ? { Authorization: `Bearer ${token}` } : {};
      return fetch(parameters, {
        ...options,
        documentAST: documentOf(parameters.query),
        headers: { ...authorization, ...options.headers },
      });
    };
  }, [token]);
  const keep = (event) => {
    const value = event.target.value.trim().replace(/^Bearer\s+/i, '');
    sessionStorage.setItem(TOKEN, value);
    setToken(value);
  };
  return (
    <>
      <header className="token">
        <label htmlFor="token">访问令牌 Access token</label>
        <input id="token" type="password" autoComplete="off" spellCheck="false" value={token} onChange={keep} />
      </header>
      <main>
        <GraphiQL fetcher={fetcher} defaultQuery={WELCOME} shouldPersistHeaders={false}>
          <GraphiQL.Logo>集易 Jiyi</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(root).render(<Explorer />);
