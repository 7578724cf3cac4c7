import { SettingsField } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

const ACCOUNT = 'Account';
const TRACKING = 'Tracking';
const WEBHOOK = 'Webhook';
// What an HTTP header can contain, and not the test token, with which everything succeeds and nothing is sent.
const TOKEN = /^(?!POSTMARK_API_TEST$)[\x21-\x7e]*$/;
const TOKEN_ALONE = { message: '$property must be only the token, without spaces, and not POSTMARK_API_TEST' };

/** The settings of a message stream of a server at Postmark. */
export class PostmarkSettings {
  @SettingsField({
    label: 'Server API token',
    help: 'Of the server, under Servers, API Tokens. It can send, and set up the webhook. The token of the account cannot send.',
    group: ACCOUNT,
    secret: true,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  @Matches(TOKEN, TOKEN_ALONE)
  serverToken!: string;

  @SettingsField({
    label: 'Message stream',
    help: 'The ID of a transactional or broadcast stream of the server. Messages of a broadcast stream need a link to unsubscribe; Postmark adds one if they have none.',
    group: ACCOUNT,
  })
  @IsString()
  @IsNotEmpty()
  @Matches(/^[a-z][a-z0-9_-]{0,29}$/, {
    message: '$property must have at most 30 lowercase letters, digits, - and _, and begin with a letter',
  })
  messageStream: string = 'outbound';

  @SettingsField({
    label: 'Account API token',
    help: 'Only to check the sender in a test without recipients: a server token cannot list the verified domains. It controls the whole account, so leave it empty if you do not need this.',
    group: ACCOUNT,
    secret: true,
    advanced: true,
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  @Matches(TOKEN, TOKEN_ALONE)
  accountToken?: string;

  @SettingsField({
    label: 'Track opens',
    help: 'The server’s own setting can turn this on for all messages, but a message cannot turn it off.',
    group: TRACKING,
    advanced: true,
    options: [
      { value: 'server', label: 'As set for the server' },
      { value: 'on', label: 'On' },
    ],
  })
  @IsIn(['server', 'on'])
  trackOpens: 'server' | 'on' = 'server';

  @SettingsField({
    label: 'Track links',
    group: TRACKING,
    advanced: true,
    options: [
      { value: 'server', label: 'As set for the server' },
      { value: 'HtmlAndText', label: 'In HTML and text' },
      { value: 'HtmlOnly', label: 'In HTML only' },
      { value: 'TextOnly', label: 'In text only' },
      { value: 'None', label: 'Off' },
    ],
  })
  @IsIn(['server', 'HtmlAndText', 'HtmlOnly', 'TextOnly', 'None'])
  trackLinks: 'server' | 'HtmlAndText' | 'HtmlOnly' | 'TextOnly' | 'None' = 'server';

  @SettingsField({
    label: 'Webhook password',
    help: 'Postmark sends it with each event, because it does not sign requests. Leave empty: it is generated.',
    group: WEBHOOK,
    secret: true,
    inboundOnly: true,
    generated: true,
  })
  @IsOptional()
  @IsString()
  @MinLength(32)
  @MaxLength(128)
  @Matches(/^[\w-]*$/, { message: '$property must contain only letters, digits, - and _' })
  webhookPassword?: string;
}
