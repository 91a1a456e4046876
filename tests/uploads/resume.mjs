// Upload a file by tus, cut it off in the middle, and let a second client go on where it stood.
import { createReadStream, statSync } from "node:fs";
import * as tus from "tus-js-client";

const [endpoint, token, file, cutAfter] = process.argv.slice(2);
const size = statSync(file).size;
const common = {
  endpoint,
  chunkSize: 262144,
  uploadSize: size,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "proof.pdf", filetype: "application/pdf" },
  retryDelays: null,
};

const cut = () =>
  new Promise((resolve, reject) => {
    let accepted = 0;
    const upload = new tus.Upload(createReadStream(file), {
      ...common,
      onError: reject,
      onSuccess: () => reject(new Error("it was not cut")),
      onChunkComplete: (_, bytes) => {
        accepted = bytes;
        if (bytes >= Number(cutAfter)) {
          upload.abort().then(() => resolve({ url: upload.url, accepted }));
        }
      },
    });
    upload.start();
  });

const resume = (url) =>
  new Promise((resolve, reject) => {
    const offsets = [];
    const upload = new tus.Upload(createReadStream(file), {
      ...common,
      uploadUrl: url,
      onError: reject,
      onProgress: (sent) => offsets.push(sent),
      onSuccess: () => resolve(offsets[0]),
    });
    upload.start();
  });

const { url, accepted } = await cut();
const first = await resume(url);
console.log(JSON.stringify({ url, accepted, first, size }));
