export { Adapter, type AdapterIdentity, adapterIdentity } from './adapter/adapter.decorator.ts';
export type { AdapterCapabilities, EmailAdapter } from './adapter/email-adapter.ts';
export type { CallOptions } from './outbound/call-options.ts';
export { ApiAdapter, type ApiAdapterParts } from './adapter/api-adapter.ts';
export {
  canonicalAddress,
  displayAddress,
  EMAIL_ADDRESS_SCHEMA,
  type EmailAddress,
  emailAddressProblem,
  isEmailAddress,
  mentionsAddress,
  needsSmtpUtf8,
  parseEmailAddress,
  wireAddress,
} from './addresses/email-address.ts';
export {
  InputField,
  type InputFieldOptions,
  IsEmailAddress,
  IsHostname,
  SatisfiesText,
} from './validation/field.decorators.ts';
export { credentialWarnings, withCredentialHint } from './diagnosis/credential-warnings.ts';
export {
  type CheckStatus,
  type Diagnosis,
  type DiagnosisChecks,
  type DiagnosisStage,
  type DiagnosisWarning,
  type Probe,
  WARNING_CODES,
  type WarningCode,
} from './diagnosis/diagnosis.ts';
export { type ApiDiagnosis, diagnoseApi, type DiagnosisContext } from './diagnosis/diagnose-api.ts';
export { accountCallError, runDiagnosis, StageReport, testMessage } from './diagnosis/run-diagnosis.ts';
export {
  ADAPTER_ERROR_CODES,
  ADAPTER_ERROR_DESCRIPTIONS,
  AdapterError,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  configurationError,
  type Fault,
  type Stage,
  STAGES,
} from './errors/adapter-error.ts';
export {
  type Bounce,
  type BounceClass,
  type EmailEvent,
  EVENT_KINDS,
  type EventKind,
  type ParsedEvent,
} from './events/email-event.ts';
export {
  type EventFacts,
  type EventMap,
  type EventText,
  feedbackKind,
  firstOf,
  mapEvent,
  objectIn,
  objectsIn,
  parsedEvent,
  tagsOf,
  textsOf,
} from './events/map-event.ts';
export { HttpClient, type HttpRequest, HttpResponse } from './http/http-client.ts';
export { FormBody, type FormField, type FormFile } from './http/form-body.ts';
export { type ApiCall, VendorApi, VendorEndpoints } from './http/vendor-api.ts';
export {
  type ErrorMap,
  type ErrorRule,
  type LocatedFault,
  type MappedError,
  type PointerTable,
  rejectedMember,
  resetTime,
  statusError,
  type VendorFault,
} from './http/vendor-error.ts';
export { type ExceededJsonLimit, exceededJsonLimit, type JsonLimits } from './json/json-limits.ts';
export { isJsonObject, parseJson, scalarText, stringifyJson } from './json/lossless-json.ts';
export {
  checkAttachments,
  contentIdProblem,
  contentTypeProblem,
  type MediaType,
  parseMediaType,
} from './messages/attachments.ts';
export {
  base64Of,
  capabilitiesOf,
  checkMessage,
  checkSize,
  jsonSize,
  type MessageRules,
  type MetadataRules,
  mimeSize,
  omitEmpty,
  type TagRules,
} from './messages/check-message.ts';
export { checkHeaders, headerNameProblem, headerProblem } from './messages/header-policy.ts';
export {
  checkLine,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkTagTexts,
  checkText,
  type MemberPath,
  recipientsOf,
  refuseMember,
} from './messages/check-members.ts';
export type { Attachment, EmailMessage, Mailbox, RejectedRecipient, SendResult } from './messages/email-message.ts';
export { encodedText, encodedWords, isAscii } from './messages/header-value.ts';
export { checkAscii, mailboxText, smtpUtf8Members, wireMessage } from './messages/wire-message.ts';
export { abortedError, tlsError } from './outbound/connect-error.ts';
export { type ConnectTarget, OutboundConnector } from './outbound/outbound-connector.ts';
export { MAIL_PORTS, type OutboundOptions, OutboundPolicy } from './outbound/outbound-policy.ts';
export { bounceClassOf, rejectionClass } from './replies/bounce-class.ts';
export {
  bounceDetails,
  type BounceFields,
  enhancedCodeOf,
  parseStatusCodes,
  replyCodeOf,
  type StatusCodes,
} from './replies/status-codes.ts';
export { createScrubber, type Scrubber } from './scrubbing/scrubber.ts';
export {
  type DeclaredField,
  declaredFields,
  type DescribedField,
  describeFields,
  type FieldSchema,
  SettingsField,
  type SettingsFieldOptions,
  type SettingsFieldType,
  type SettingsPreset,
} from './settings/settings-field.decorator.ts';
export {
  type EntryRules,
  type FieldError,
  jsonPointer,
  MAX_FIELD_ERRORS,
  type Problem,
  type SettingsOption,
  type ShowIf,
} from './validation/field.ts';
export { type InputSchema, inputSchema, type MemberSchema } from './validation/input-schema.ts';
export { type InputValidation, isShown, validateInput } from './validation/validate-input.ts';
export { contentDigest, type JsonItem, omitUndefined, presentParts, scalarOf, textOf } from './json/json-item.ts';
export {
  MalformedWebhookError,
  parseJsonBatch,
  parseWebhookJson,
  WEBHOOK_JSON_LIMITS,
  type WebhookJson,
} from './webhooks/parse-json-batch.ts';
export {
  type DeliveryTimes,
  reconcileWebhook,
  type RegistrationCall,
  registrationCallError,
  type WebhookPlan,
} from './webhooks/reconcile-webhook.ts';
export { basicVerdict, sameSecret, secretVerdict } from './webhooks/shared-secret.ts';
export { singleValue } from './webhooks/single-value.ts';
export { rfc3339Time, unixTime } from './webhooks/unix-time.ts';
export type {
  Registered,
  RegistrationStatus,
  RegistrationTarget,
  SetupInstruction,
  WebhookAuthentication,
  WebhookHead,
  WebhookHeadVerdict,
  WebhookReceiver,
  WebhookRegistration,
  WebhookRequest,
  WebhookVerdict,
} from './webhooks/webhook-receiver.ts';
