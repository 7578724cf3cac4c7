import * as library from '@sendgrid/mail';

export interface AddressData {
  readonly email: string;
  readonly name?: string;
}

/** What of `MailData` is used here. */
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
  /** Not `contentId`, as the library's own types have it: of attachments it converts no names. */
  readonly content_id?: string;
}

/** What `MailService` asks of the client that it is given. */
export interface RequestClient {
  request(request: { readonly url: string; readonly body: object }): Promise<unknown>;
}

interface MailService {
  setClient(client: RequestClient): unknown;
  send(data: MailData): Promise<unknown>;
}

/**
 * The vendor's `MailService`. The library declares `export =` beside named exports, which compilers read differently, so
 * the type is told here.
 */
export const MailService = (library as unknown as { MailService: new () => MailService }).MailService;
