import type { Database } from '../support/database.ts';

const EVENTS_PER_BATCH = 100;
const ROWS_PER_STATEMENT = 200_000;
const EVENTS_PER_SECOND = 2_000;
/** How many different recipients and messages there are for each event. */
const RECIPIENT_SHARE = 0.1;
const EVENTS_PER_MESSAGE = 3;

/**
 * Adds events to the tables of this service on MariaDB with SQL, as if they had been received until now.
 * @param database after the migrations; the service is not running
 * @param connectionId the connection that the events belong to
 * @param rows the number of events
 */
export async function fillEvents(database: Database, connectionId: string, rows: number): Promise<void> {
  const recipients = Math.max(1, Math.round(rows * RECIPIENT_SHARE));
  const first = Math.floor(Date.now() / 1_000) - Math.ceil(rows / EVENTS_PER_SECOND);
  const second = `(${String(first)} + n DIV ${String(EVENTS_PER_SECOND)})`;
  const batch = `(1 + n DIV ${String(EVENTS_PER_BATCH)})`;
  const connection = `(SELECT number FROM connections WHERE id = '${connectionId}')`;
  const hash = (text: string): string =>
    `CAST(CONV(HEX(CRC32(CONCAT(c, ' ', ${text}))), 16, 10) AS SIGNED) - IF(CRC32(CONCAT(c, ' ', ${text})) > 2147483647, 4294967296, 0)`;
  for (let start = 0; start < rows; start += ROWS_PER_STATEMENT) {
    const last = Math.min(rows, start + ROWS_PER_STATEMENT) - 1;
    await database.execute(`
      INSERT INTO email_events (id, connection, digest, kind, attribution, occurred_at, machine, bucket,
        recipient_hash, message_hash, recipient, message_id)
      SELECT ${batch} * 65536 + n % ${String(EVENTS_PER_BATCH)}, c,
        UNHEX(CONCAT(LPAD(HEX(${second}), 8, '0'), LEFT(MD5(n), 24))),
        CASE WHEN n % 1000 = 0 THEN 10 WHEN n % 50 = 0 THEN 5 WHEN n % 3 = 0 THEN 8 WHEN n % 10 = 1 THEN 9 ELSE 3 END,
        1, ${second} * 1000, NULL, n >> 20, ${hash('recipient')}, ${hash('message_id')}, recipient, message_id
      FROM (SELECT seq AS n, ${connection} AS c,
          CONCAT('reader', CRC32(seq) % ${String(recipients)}, '@', ELT(1 + seq % 3, 'gmail', 'web', 'outlook'), '.example') AS recipient,
          LEFT(MD5(seq DIV ${String(EVENTS_PER_MESSAGE)}), 22) AS message_id
        FROM seq_${String(start)}_to_${String(last)}) AS numbers`);
  }
  await database.execute(`
    INSERT INTO event_batches (id, connection, organization, status, received_at, duration_ms, size, accepted, duplicates, rejected)
    SELECT 1 + seq, ${connection}, 1, 'accepted',
      FROM_UNIXTIME(${String(first)} + seq * ${String(EVENTS_PER_BATCH)} DIV ${String(EVENTS_PER_SECOND)}), 1, 57000, ${String(EVENTS_PER_BATCH)}, 0, 0
    FROM seq_0_to_${String(Math.ceil(rows / EVENTS_PER_BATCH) - 1)}`);
  await database.execute(`
    INSERT INTO event_stats (connection, hours, start, kind, detail, events)
    SELECT connection, 1, occurred_at DIV 3600000, kind, IF(kind = 5, 7, 0), COUNT(*) FROM email_events GROUP BY 3, 4`);
  // A year with events in each hour: the counts of earlier events outlive them.
  await database.execute(`
    INSERT INTO event_stats (connection, hours, start, kind, detail, events)
    SELECT ${connection}, 1, ${String(Math.floor(first / 3_600) - 1)} - seq, kind, IF(kind = 5, 7, 0), 1000
    FROM seq_0_to_9599 JOIN (SELECT DISTINCT kind FROM event_stats) AS kinds`);
  await database.execute(`
    INSERT INTO event_stats (connection, hours, start, kind, detail, events)
    SELECT connection, 24, start - start % 24, kind, detail, SUM(events) FROM event_stats GROUP BY 1, 3, 4, 5`);
  await database.execute(
    `UPDATE counters SET value = ${String(Math.ceil(rows / EVENTS_PER_BATCH) + 1)} WHERE name = 'batch'`,
  );
  await database.execute(`UPDATE counters SET value = ${String(rows)} WHERE name = 'event'`);
}
