import type { RouteBodyLimits } from '../bodies/body-limits.decorator.ts';

/** Where messages of a connection are posted to; behind the connection's id. */
export const MESSAGES_PATH = 'api/v1/connections/:id/messages';

/** Attachments are base64 in it. */
export const MESSAGE_BODY_LIMITS: RouteBodyLimits = { bytes: 30 << 20, milliseconds: 60_000 };
