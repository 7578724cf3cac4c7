export {
  isVerifiedSender,
  type SandboxMail,
  type SandboxWebhook,
  SCENARIO_NAMES,
  scenarioOf,
  type SimulatedEvent,
  type StartSandbox,
  type VendorSandbox,
  type VendorSandboxOptions,
} from './vendor-sandbox.ts';
export { jsonAnswer, type SandboxAnswer, type SandboxRequest, SandboxServer } from './sandbox-server.ts';
export * as schema from './schema.ts';
export type { Schema, SchemaFault } from './schema.ts';
export { type PostOutcome, WebhookFeed, type WebhookPost } from './webhook-feed.ts';
export {
  jsonBody,
  type MailStep,
  type RecipientEvent,
  type SandboxKey,
  stepsOf,
  VendorSandboxServer,
} from './vendor-sandbox-server.ts';
