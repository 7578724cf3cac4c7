export interface RecipientJson {
  readonly address: { readonly email: string; readonly name?: string; readonly header_to?: string };
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

interface FileJson {
  readonly name: string;
  readonly type: string;
  readonly data: string;
}

/** The part of the body of `POST /transmissions` that is used after it was checked. */
export interface TransmissionJson {
  readonly options?: {
    readonly start_time?: string;
    readonly perform_substitutions?: boolean;
    readonly transactional?: boolean;
  };
  readonly campaign_id?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly substitution_data?: Readonly<Record<string, string>>;
  readonly recipients: readonly RecipientJson[];
  readonly content: {
    readonly from: { readonly email: string; readonly name?: string };
    readonly subject: string;
    readonly text?: string;
    readonly html?: string;
    readonly reply_to?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly attachments?: readonly FileJson[];
    readonly inline_images?: readonly FileJson[];
  };
}
