import * as library from '@sendgrid/mail';

export interface AddressData {
  readonly email: string;
  readonly name?: string;
}

/** The part of `MailData` that is used here. */
export interface MailData {
  readonly from: AddressData;
  readonly to: readonly AddressData[];
  readonly cc?: readonly AddressData[];
  readonly bcc?: readonly AddressData[];
  readonly replyToList?: readonly AddressData[];
  readonly subject: string;
  readonly content: readonly { readonly type: string; readonly value: string }[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly AttachmentData[];
  readonly categories?: readonly string[];
  readonly customArgs?: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly sendAt?: number;
  readonly mailSettings?: { readonly sandboxMode: { readonly enable: boolean } };
}

export interface AttachmentData {
  readonly filename: string;
  /** Base64. */
  readonly content: string;
  readonly type: string;
  readonly disposition: 'attachment' | 'inline';
  /** Not `contentId`, as in the library's own types: it does not convert the names of attachments' members. */
  readonly content_id?: string;
}

/** The methods that `MailService` calls on its client. */
export interface RequestClient {
  request(request: { readonly url: string; readonly body: object }): Promise<unknown>;
}

interface MailService {
  setClient(client: RequestClient): unknown;
  send(data: MailData): Promise<unknown>;
}

/**
 * The vendor's `MailService`. The library declares `export =` next to named exports, which compilers interpret
 * differently, so the type is declared here.
 */
export const MailService = (library as unknown as { MailService: new () => MailService }).MailService;
