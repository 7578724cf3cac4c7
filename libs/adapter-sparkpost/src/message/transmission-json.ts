/**
 * The part of the body of `POST /transmissions` that is used here.
 * https://developers.sparkpost.com/api/transmissions/#header-request-body
 */
export interface TransmissionJson {
  readonly options: {
    readonly perform_substitutions: false;
    readonly transactional?: true;
    readonly start_time?: string;
  };
  readonly metadata?: Readonly<Record<string, string>>;
  readonly substitution_data?: Readonly<Record<string, string>>;
  readonly recipients: readonly RecipientJson[];
  readonly content: HeaderJson & {
    readonly text?: string;
    readonly html?: string;
    readonly attachments?: readonly FileJson[];
    readonly inline_images?: readonly FileJson[];
  };
}

/** The members that become headers of the message. */
export interface HeaderJson {
  readonly from: AddressJson;
  readonly reply_to?: string;
  readonly subject: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AddressJson {
  readonly email: string;
  readonly name?: string;
}

export interface RecipientJson {
  readonly address: { readonly email: string; readonly header_to?: string };
  readonly tags?: readonly string[];
}

export interface FileJson {
  readonly name: string;
  readonly type: string;
  /** Base64 without line breaks. */
  readonly data: string;
}
