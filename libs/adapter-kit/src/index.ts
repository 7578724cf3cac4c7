export {
  Adapter,
  type AdapterCapabilities,
  type AdapterIdentity,
  adapterIdentity,
  type EmailAdapter,
} from './adapter/email-adapter.ts';
export { type CallOptions, type ConnectTarget, OutboundConnector } from './outbound/outbound-connector.ts';
export {
  ApiAdapter,
  type ApiAdapterParts,
  type BatchParts,
  capabilitiesOf,
  sentResults,
  untrackedId,
} from './adapter/api-adapter.ts';
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
  type EntryRules,
  type FieldError,
  hasErrorAt,
  InputField,
  type InputFieldOptions,
  IsEmailAddress,
  IsApiKey,
  IsHostname,
  jsonPointer,
  MAX_FIELD_ERRORS,
  type Problem,
  SatisfiesText,
  type SettingsOption,
  type ShowIf,
} from './validation/fields.ts';
export {
  accountCallError,
  credentialWarnings,
  runDiagnosis,
  StageReport,
  testMessage,
  withCredentialHint,
} from './diagnosis/run-diagnosis.ts';
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
export {
  ADAPTER_ERROR_CODES,
  ADAPTER_ERROR_DESCRIPTIONS,
  AdapterError,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  configurationError,
  type Fault,
  mayHaveBeenSent,
  type Stage,
  STAGES,
  onStatus,
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
  rfc3339Time,
  tagsOf,
  textsOf,
  unixTime,
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
  rejectedMessage,
  resetTime,
  statusError,
  type VendorFault,
} from './http/vendor-error.ts';
export {
  contentDigest,
  type ExceededJsonLimit,
  exceededJsonLimit,
  isJsonObject,
  type JsonItem,
  type JsonLimits,
  omitUndefined,
  parseJson,
  presentParts,
  scalarOf,
  scalarText,
  stringifyJson,
  textOf,
} from './json/json.ts';
export {
  checkMessage,
  checkSize,
  type MessageRules,
  type MetadataRules,
  type TagRules,
} from './messages/check-message.ts';
export { contentKey } from './messages/content-key.ts';
export {
  checkAttachments,
  checkLine,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkTagTexts,
  checkText,
  contentIdProblem,
  contentTypeProblem,
  mailboxesOf,
  type MediaType,
  type MemberPath,
  parseMediaType,
  recipientsOf,
  refuseMember,
} from './messages/check-members.ts';
export type {
  Attachment,
  BatchResult,
  EmailMessage,
  Mailbox,
  RejectedRecipient,
  SendResult,
} from './messages/email-message.ts';
export {
  checkHeaders,
  encodedText,
  encodedWords,
  headerNameProblem,
  headerProblem,
  isAscii,
} from './messages/headers.ts';
export {
  base64Of,
  checkAscii,
  jsonSize,
  mailboxText,
  mimeSize,
  omitEmpty,
  smtpUtf8Members,
  wireMessage,
} from './messages/wire-message.ts';
export { abortedError, tlsError } from './outbound/connect-error.ts';
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
export { type InputSchema, inputSchema, type MemberSchema } from './validation/rules.ts';
export {
  type CheckedInput,
  checkInput,
  type InputValidation,
  isShown,
  validateInput,
} from './validation/validate-input.ts';
export {
  basicVerdict,
  MalformedWebhookError,
  parseJsonBatch,
  parseWebhookJson,
  sameSecret,
  secretVerdict,
  singleValue,
  WEBHOOK_JSON_LIMITS,
  type WebhookJson,
} from './webhooks/webhook-request.ts';
export { basicCredentials, sampleEvents, sampleRequest, setupSteps } from './webhooks/webhook-sample.ts';
export {
  type DeliveryTimes,
  reconcileWebhook,
  type RegistrationCall,
  registrationCallError,
  type WebhookPlan,
} from './webhooks/reconcile-webhook.ts';
export type {
  Registered,
  RegistrationStatus,
  RegistrationTarget,
  SampleCall,
  SampleEvent,
  SetupInstruction,
  WebhookAuthentication,
  WebhookHead,
  WebhookHeadVerdict,
  WebhookLogEntry,
  WebhookReceiver,
  WebhookRegistration,
  WebhookRequest,
  WebhookSample,
  WebhookVerdict,
} from './webhooks/webhook-receiver.ts';
