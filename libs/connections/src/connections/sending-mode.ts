import { type FieldError, hasErrorAt, parseEmailAddress } from '@score-crm/adapter-kit';
import { ConnectionsError } from '../errors/connections.error.ts';
import {
  type ConnectionsModuleOptions,
  SENDING_MODES,
  type SendingMode,
} from '../options/connections.module-options.ts';

/** What happens to the emails of a connection. */
export type EffectiveMode =
  { readonly mode: 'live' } | { readonly mode: 'redirect'; readonly redirectTo: string } | { readonly mode: 'drop' };

/** The stored mode of a connection cannot be used, for example because a later version stored it. Nothing is sent. */
export class SendingModeUnknownError extends ConnectionsError {
  readonly code = 'sending_mode_unknown';

  constructor() {
    super('The sending mode of the connection is unknown or has no address to redirect to. Set the mode again.');
  }
}

/** The mode of the service. @throws TypeError if the options are not valid */
export function serviceMode({
  sendingMode = 'live',
  sendingRedirectTo,
}: Pick<ConnectionsModuleOptions, 'sendingMode' | 'sendingRedirectTo'>): EffectiveMode {
  if (!SENDING_MODES.includes(sendingMode)) {
    throw new TypeError(`sendingMode must be one of ${SENDING_MODES.join(', ')}.`);
  }
  const mode = usableMode(sendingMode, sendingRedirectTo);
  if (mode === undefined)
    throw new TypeError('sendingMode is redirect, so sendingRedirectTo must be an email address.');
  if (sendingRedirectTo !== undefined && mode.mode !== 'redirect') {
    throw new TypeError('sendingRedirectTo is set, but sendingMode is not redirect.');
  }
  return mode;
}

/**
 * The stricter one of the mode of the service and that of the connection: `drop`, then `redirect`, then `live`. If both redirect,
 * emails go to the address of the service.
 * @throws SendingModeUnknownError
 */
export function effectiveMode(
  service: EffectiveMode,
  connection: { readonly mode: string; readonly redirectTo: string | null },
): EffectiveMode {
  const own = usableMode(connection.mode, connection.redirectTo ?? undefined);
  if (own === undefined) throw new SendingModeUnknownError();
  if (own.mode === 'drop' || service.mode === 'live') return own;
  return service;
}

/** Anything but a known mode with all that it needs is undefined, so that nothing is sent. */
function usableMode(mode: string, redirectTo: string | undefined): EffectiveMode | undefined {
  if (mode === 'live' || mode === 'drop') return { mode };
  if (mode !== 'redirect' || redirectTo === undefined || parseEmailAddress(redirectTo) === undefined) return undefined;
  return { mode, redirectTo };
}

/** The error of a connection that redirects to no address. */
export function modeErrors(
  { mode, redirectTo }: { readonly mode?: SendingMode | undefined; readonly redirectTo?: string | null | undefined },
  errors: readonly FieldError[],
): FieldError[] {
  if (mode !== 'redirect' || (redirectTo ?? null) !== null || hasErrorAt(errors, '/redirectTo')) return [];
  const message = 'A connection that redirects needs an address. Enter the one that receives all emails.';
  return [{ pointer: '/redirectTo', code: 'required', message }];
}

const SUBJECT_RECIPIENTS = 100;

/** The subject of a redirected message: the original recipients, as many as fit, then its own. */
export function redirectedSubject(recipients: readonly string[], subject: string): string {
  return `[${listed(recipients, SUBJECT_RECIPIENTS)}] ${subject}`;
}

/** As many addresses as fit into so many characters, one at least, then the number of the others. */
export function listed(addresses: readonly string[], length: number): string {
  const [first = '', ...others] = addresses;
  let text = first;
  for (const [index, address] of others.entries()) {
    if (text.length + address.length + 2 > length) return `${text} and ${String(others.length - index)} more`;
    text += `, ${address}`;
  }
  return text;
}
