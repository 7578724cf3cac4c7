import { MAX_CONTENT_BYTES, MAX_METADATA_BYTES, MAX_RECIPIENTS, MAX_REQUEST_BYTES } from '../assumptions.ts';

// https://developers.sparkpost.com/api/transmissions/#header-request-body
export const LIMITS = {
  /** To, cc and bcc together. */
  recipients: MAX_RECIPIENTS,
  /** Text, HTML, attachments and images. */
  contentBytes: MAX_CONTENT_BYTES,
  requestBytes: MAX_REQUEST_BYTES,
  /** The vendor silently ignores more than this. It also keeps at most 100 different ones at a time. */
  tags: 10,
  metadataBytes: MAX_METADATA_BYTES,
  nameBytes: 255,
  scheduleMs: 3 * 24 * 60 * 60 * 1000,
} as const;
