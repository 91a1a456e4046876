"""A past: finished cases with their events, put into the tables by the database itself."""

from __future__ import annotations

import psycopg

from bench.cases.stack import CaseStack

CASES_OF_ONE = 10_000
AT_ONCE = 100_000
_ID = "lpad(to_hex(n::bigint * 4294967295 / %(all)s), 8, '0') || substr(md5(n::text), 1, 24)"
"""All over the room of ids, as random ones are, but one after the other: an index grows at its end. Cases that
are filed afterwards have theirs anywhere between."""
_PERSON = _ID.replace("n::", "(n / 10 * 10)::")
_CASES = """
INSERT INTO service_case (id, receipt_number, item_code, item_version, applicant, state, version, channel, form,
  form_digest, idempotency_key, submitted_at, updated_at, licence_number, licence_issuer)
SELECT {id}, 'JYOLD' || lpad(n::text, 10, '0'), 'CA-SENIOR-CARD', 1,
  CASE WHEN n <= %(many)s THEN %(one)s ELSE {person} END,
  'ARCHIVED', 8, 'WEB', '{{"delivery": "post"}}', md5('digest' || n), lpad(n::text, 10, '0'),
  timestamptz '2024-01-01' + n * interval '31 seconds', timestamptz '2024-01-02' + n * interval '31 seconds',
  'MZ' || n, '110102-MZ'
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
_EVENTS = """
INSERT INTO case_event (case_id, version, type, state, actor, at, data)
SELECT {id}, v, (ARRAY['submitted', 'accepted', 'review-started', 'approved', 'licence-ordered',
    'licence-issued', 'completed', 'archived'])[v],
  (ARRAY['SUBMITTED', 'ACCEPTED', 'IN_REVIEW', 'APPROVED', 'APPROVED', 'APPROVED', 'COMPLETED', 'ARCHIVED'])[v],
  'department', timestamptz '2024-01-01' + n * interval '31 seconds' + v * interval '1 hour', '{{}}'
FROM generate_series(%(first)s::int, %(last)s::int) AS n, generate_series(1, 8) AS v
"""

_PACKAGES = """
INSERT INTO case_archive (case_id, sealed_at, retained_until, key_id, sha256, size_bytes, object_name)
SELECT {id}, timestamptz '2024-01-03' + n * interval '31 seconds',
  timestamptz '2034-01-03' + n * interval '31 seconds', 'key', md5(n::text), 2000, 'archives/' || n
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
"""As the worker has sealed them."""


def archive(stack: CaseStack, cases: int) -> None:
    """So many archived and sealed cases with eight events each; the first ten thousand are one person's.

    Made by the server itself, without its triggers: nobody needs to hear of them, and whom they refer to is made
    with them. What the server does afterwards by itself is done before anything is measured.
    """
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        for first in range(1, cases + 1, AT_ONCE):
            values = {"first": first, "last": min(first + AT_ONCE - 1, cases), "all": cases}
            persons = {"many": CASES_OF_ONE, "one": stack.many.id}
            connection.execute(_CASES.format(id=_ID, person=_PERSON).encode(), {**values, **persons})
            connection.execute(_EVENTS.format(id=_ID).encode(), values)
            connection.execute(_PACKAGES.format(id=_ID).encode(), values)
        connection.execute("VACUUM ANALYZE service_case")
        connection.execute("VACUUM ANALYZE case_event")
        connection.execute("VACUUM ANALYZE case_archive")
        connection.execute("CHECKPOINT")
