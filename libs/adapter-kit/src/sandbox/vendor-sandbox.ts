export interface VendorSandboxOptions {
  /** 0, which is the default, takes a free one. */
  readonly port?: number;
  /** Addresses and domains (`@sender.example`) that may send; without it, all may. */
  readonly verifiedSenders?: readonly string[];
  /** Milliseconds between two events of one mail; 200 unless told. */
  readonly paceMs?: number;
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** A mail that a sandbox accepted. */
export interface SandboxMail {
  /** As it told the sender. */
  readonly messageId: string;
  readonly from: string;
  /** All of them: to, cc and bcc. */
  readonly recipients: readonly string[];
  readonly subject: string;
  /** True of a mail that the vendor was asked to check and not to send. */
  readonly sandboxed?: boolean;
}

/** A webhook that was registered through a sandbox's API, or put there beforehand. */
export interface SandboxWebhook {
  readonly id: string;
  readonly url: string;
}

/** A vendor's sandbox, as far as they are all alike: what `startSandbox` of `@score-crm/adapter-…/sandbox` resolves to. */
export interface VendorSandbox {
  readonly vendor: string;
  /** The base URL of its API, for `VendorEndpoints`; undefined where the settings themselves lead to it. */
  readonly url?: string;
  /** The settings of an account for which everything works. */
  readonly settings: Settings;
  /** Changes to the settings that bring a failure about, by the code of its error. */
  readonly failures: Readonly<Record<string, Settings>>;
  readonly mails: readonly SandboxMail[];
  readonly webhooks: readonly SandboxWebhook[];
  /** Puts a webhook there that is somebody else's. */
  addForeignWebhook?(url: string): void;
  /** Resolves when the events of all accepted mails are posted. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export type StartSandbox = (options?: VendorSandboxOptions) => Promise<VendorSandbox>;

/** Whether an address may send, by `VendorSandboxOptions.verifiedSenders`. */
export function isVerifiedSender(verified: readonly string[] | undefined, sender: string): boolean {
  const address = sender.toLowerCase();
  return verified?.some((own) => (own.startsWith('@') ? address.endsWith(own) : address === own)) ?? true;
}
