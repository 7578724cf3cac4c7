/** The table of the sides that the service is compared with. */
export const EVENTS_TABLE = `CREATE TABLE events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  connection_id INT UNSIGNED NOT NULL,
  event_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
  time INT UNSIGNED NOT NULL,
  recipient VARCHAR(320) NOT NULL,
  message_id VARCHAR(255) NOT NULL,
  raw MEDIUMTEXT NOT NULL,
  UNIQUE KEY event_of_connection (connection_id, event_id),
  KEY connection_time (connection_id, time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`;

/** The part of an event of SendGrid that these sides read. */
export interface VendorEvent {
  readonly event: string;
  readonly email: string;
  readonly timestamp: number;
  readonly sg_event_id: string;
  readonly sg_message_id: string;
}

export const SIGNATURE = 'x-twilio-email-event-webhook-signature';
export const TIMESTAMP = 'x-twilio-email-event-webhook-timestamp';

/** The largest body that these sides read, as much as the service accepts of this vendor. */
export const BODY_LIMIT = 4 * 1024 * 1024;

/** How these sides are started. */
export const SIDE_ENVIRONMENT = {
  port: Number(process.env['PORT']),
  databaseUrl: String(process.env['DATABASE_URL']),
  /** Base64 of the DER SubjectPublicKeyInfo. */
  webhookKey: String(process.env['WEBHOOK_KEY']),
  /** Of the program with Nest: `naive` or `careful`. */
  variant: process.env['VARIANT'],
} as const;
