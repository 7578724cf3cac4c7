export { Adapter, type AdapterIdentity, adapterIdentity } from './adapter/adapter.decorator.ts';
export type { AdapterCapabilities } from './adapter/capabilities.ts';
export type { CallOptions } from './adapter/call-options.ts';
export { ApiAdapter, type ApiAdapterParts } from './adapter/api-adapter.ts';
export type { EmailAdapter } from './adapter/email-adapter.ts';
export { canonicalAddress, displayAddress, wireAddress } from './addresses/email-address.ts';
export {
  EMAIL_ADDRESS_SCHEMA,
  type EmailAddress,
  emailAddressProblem,
  isEmailAddress,
  needsSmtpUtf8,
  parseEmailAddress,
} from './addresses/email-address.ts';
export { IsEmailAddress } from './validation/field.decorators.ts';
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
export { accountCallError, runDiagnosis } from './diagnosis/run-diagnosis.ts';
export { StageReport } from './diagnosis/stage-report.ts';
export { testMessage } from './diagnosis/test-message.ts';
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
  firstOf,
  mapEvent,
  objectIn,
  tagsOf,
  textsOf,
} from './events/map-event.ts';
export { parsedEvent } from './events/parsed-event.ts';
export { feedbackKind } from './events/feedback-kind.ts';
export { HttpClient, type HttpRequest } from './http/http-client.ts';
export { HttpResponse } from './http/http-response.ts';
export { FormBody, type FormField, type FormFile } from './http/form-body.ts';
export { type ApiCall, VendorApi } from './http/vendor-api.ts';
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
export { checkAttachments, contentIdProblem, contentTypeProblem } from './messages/check-attachments.ts';
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
export { checkHeaders, headerNameProblem, headerProblem } from './messages/check-headers.ts';
export { checkLine } from './messages/check-line.ts';
export { checkMailboxes, checkRecipients, recipientsOf } from './messages/check-mailboxes.ts';
export { checkMetadata, checkTagTexts } from './messages/check-metadata.ts';
export { checkText } from './messages/check-text.ts';
export type { Attachment, EmailMessage, Mailbox, RejectedRecipient, SendResult } from './messages/email-message.ts';
export { encodedText, encodedWords, isAscii } from './messages/encoded-words.ts';
export { type MediaType, parseMediaType } from './messages/media-type.ts';
export { type MemberPath, refuseMember } from './messages/refuse-member.ts';
export { checkAscii, smtpUtf8Members, wireMessage } from './messages/wire-message.ts';
export { abortedError } from './outbound/connect-error.ts';
export { type ConnectTarget, OutboundConnector } from './outbound/outbound-connector.ts';
export { MAIL_PORTS, type OutboundOptions, OutboundPolicy } from './outbound/outbound-policy.ts';
export { tlsError } from './outbound/connect-error.ts';
export { VendorEndpoints } from './outbound/vendor-endpoints.ts';
export { bounceClassOf } from './replies/bounce-class.ts';
export { rejectionClass } from './replies/bounce-class.ts';
export { enhancedCodeOf, parseStatusCodes, replyCodeOf, type StatusCodes } from './replies/status-codes.ts';
export { createScrubber, type Scrubber } from './scrubbing/scrubber.ts';
export { IsHostname } from './validation/field.decorators.ts';
export { type DescribedField, describeFields, type FieldSchema } from './settings/settings-field.decorator.ts';
export {
  type DeclaredField,
  declaredFields,
  SettingsField,
  type SettingsFieldOptions,
  type SettingsFieldType,
} from './settings/settings-field.decorator.ts';
export type { SettingsPreset } from './settings/settings-field.decorator.ts';
export type { EntryRules, SettingsOption, ShowIf } from './validation/field.ts';
export { type FieldError, jsonPointer, MAX_FIELD_ERRORS, type Problem } from './validation/field.ts';
export { InputField, type InputFieldOptions } from './validation/field.decorators.ts';
export { SatisfiesText } from './validation/field.decorators.ts';
export { type InputSchema, inputSchema, type MemberSchema } from './validation/input-schema.ts';
export { type InputValidation, isShown, validateInput } from './validation/validate-input.ts';
export { contentDigest, type JsonItem, omitUndefined, presentParts, scalarOf, textOf } from './webhooks/json-item.ts';
export { MalformedWebhookError } from './webhooks/malformed-webhook.error.ts';
export {
  parseJsonBatch,
  parseWebhookJson,
  WEBHOOK_JSON_LIMITS,
  type WebhookJson,
} from './webhooks/parse-json-batch.ts';
export {
  type DeliveryTimes,
  reconcileWebhook,
  type RegistrationCall,
  type WebhookPlan,
} from './webhooks/reconcile-webhook.ts';
export { registrationCallError } from './webhooks/registration-call-error.ts';
export { sameSecret } from './webhooks/same-secret.ts';
export { singleValue } from './webhooks/single-value.ts';
export { unixTime } from './webhooks/unix-time.ts';
export type {
  Registered,
  RegistrationStatus,
  RegistrationTarget,
  WebhookRegistration,
} from './webhooks/webhook-registration.ts';
export type {
  SetupInstruction,
  WebhookHead,
  WebhookHeadVerdict,
  WebhookAuthentication,
  WebhookReceiver,
  WebhookRequest,
  WebhookVerdict,
} from './webhooks/webhook-receiver.ts';
