import type { components } from './schema.ts';

type Schemas = components['schemas'];

export type ApiKey = Schemas['ApiKeyView'];
export type BlockingUsage = Schemas['BlockingUsage'];
export type CheckStatus = Schemas['TestStage']['status'];
export type Connection = Schemas['ConnectionView'];
export type ConnectionChanges = Schemas['UpdateConnection'];
export type ConnectionTest = Schemas['ConnectionTestView'];
export type Diagnosis = Schemas['DiagnosisView'];
export type EventDetails = Schemas['EventDetailsView'];
export type EventKind = Schemas['EventView']['kind'];
export type NewApiKey = Schemas['NewApiKeyView'];
export type NewConnection = Schemas['CreateConnection'];
export type ProblemFault = Schemas['ProblemFault'];
export type Scope = Schemas['SessionView']['scope'];
export type SenderDefaults = Schemas['SenderDefaults'];
export type Session = Schemas['SessionView'];
export type SecretState = Schemas['SecretView'];
export type TrackedEvent = Schemas['EventView'];
export type UnsavedTest = Schemas['TestUnsavedConnection'];
export type Usage = Schemas['UsageView'];
export type Vendor = Schemas['Vendor'];
export type VendorError = Schemas['VendorError'];
export type VendorField = Schemas['VendorField'];
export type VendorPreset = Schemas['VendorPreset'];
export type Webhook = Schemas['WebhookView'];
export type WebhookState = Webhook['state'];
