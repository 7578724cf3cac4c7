/** Options of `startSandbox`. */
export interface VendorSandboxOptions {
  /** 0 (the default) selects a free port. */
  readonly port?: number;
  /** Addresses and domains (`@sender.example`) that may send. If omitted, all may. */
  readonly verifiedSenders?: readonly string[];
  /** Milliseconds between two events of one message. Default: 200. */
  readonly paceMs?: number;
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** A message that a sandbox accepted. */
export interface SandboxMail {
  /** The id that was returned to the sender. */
  readonly messageId: string;
  readonly from: string;
  /** All recipients: to, cc and bcc. */
  readonly recipients: readonly string[];
  readonly subject: string;
  /** True if the vendor was asked to check the message without sending it. */
  readonly sandboxed?: boolean;
}

/** A webhook that was registered through a sandbox's API or added beforehand. */
export interface SandboxWebhook {
  readonly id: string;
  readonly url: string;
}

/** The common interface of all vendor sandboxes: what `startSandbox` of `@score-crm/adapter-…/sandbox` resolves to. */
export interface VendorSandbox {
  readonly vendor: string;
  /** The base URL of its API, for `VendorEndpoints`. Undefined if the settings themselves lead to it. */
  readonly url?: string;
  /** Settings of an account for which everything works. */
  readonly settings: Settings;
  /** Changes to the settings that cause a failure, by the code of the resulting error. */
  readonly failures: Readonly<Record<string, Settings>>;
  /** The accepted messages, oldest first. */
  readonly mails: readonly SandboxMail[];
  /** The registered webhooks. */
  readonly webhooks: readonly SandboxWebhook[];
  /** Adds a webhook that belongs to someone else. */
  addForeignWebhook?(url: string): void;
  /** Resolves when the events of all accepted messages have been posted. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a sandbox. Close it after use. */
export type StartSandbox = (options?: VendorSandboxOptions) => Promise<VendorSandbox>;

/** Whether an address may send, according to `VendorSandboxOptions.verifiedSenders`. */
export function isVerifiedSender(verified: readonly string[] | undefined, sender: string): boolean {
  const address = sender.toLowerCase();
  return verified?.some((own) => (own.startsWith('@') ? address.endsWith(own) : address === own)) ?? true;
}
