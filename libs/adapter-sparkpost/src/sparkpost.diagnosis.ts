import {
  type ApiDiagnosis,
  configurationError,
  objectIn,
  objectsIn,
  onStatus,
  refuseMember,
  textOf,
} from '@score-crm/adapter-kit';
import { ACTIVE_STATUS } from './assumptions.ts';
import type { SparkpostApi } from './sparkpost.api.ts';
import type { SparkpostSettings } from './sparkpost.settings.ts';

const SENDER = ['from', 'email'];
/** The key is known, but lacks the permission for a call that it does not need. */
const FORBIDDEN = [403];

/**
 * Reads the status of the account, and without recipients the list of sending domains. A key may lack the permissions
 * for both: only a message shows whether it can send.
 * https://developers.sparkpost.com/api/account, https://developers.sparkpost.com/api/sending-domains
 */
export const DIAGNOSIS: ApiDiagnosis<SparkpostSettings, SparkpostApi, string> = {
  account: ({ api, settings, signal }) =>
    api
      .read(settings, { method: 'GET', path: '/account', signal }, (body) =>
        textOf(objectIn(body, 'results'), 'status'),
      )
      .catch(onStatus(FORBIDDEN, ACTIVE_STATUS)),
  permissions: (status, { api, settings }) => {
    if (status === ACTIVE_STATUS) return false;
    const hint =
      'The SparkPost account is not active, although the API key is valid. Log in there to see why, or contact its support.';
    throw configurationError('permission_denied', hint, { reply: api.scrubber(settings)(status) });
  },
  sender: async ({ email }, _status, { api, settings, signal }) => {
    const domains = await api
      .read(settings, { method: 'GET', path: '/sending-domains', signal }, ({ results }) => objectsIn(results))
      .catch(onStatus(FORBIDDEN, undefined));
    if (domains === undefined) return 'the key cannot read the sending domains';
    const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
    const found = domains.find((one) => textOf(one, 'domain')?.toLowerCase() === domain);
    if (found === undefined) {
      const hint =
        'The sender’s domain is not a sending domain of the SparkPost account. Add it there (Configuration, Domains), use another sender or, if it is shared with a subaccount, send a test message to check it.';
      refuseMember('sender_not_verified', SENDER, hint);
    }
    const { compliance_status, ownership_verified } = objectIn(found, 'status');
    if (compliance_status === 'blocked') {
      const hint = 'SparkPost has blocked the sender’s domain. Use another sender, or contact SparkPost’s support.';
      refuseMember('sender_rejected', SENDER, hint);
    }
    if (ownership_verified !== true) {
      const hint = 'The sender’s domain is not verified at SparkPost. Verify it there (Configuration, Domains).';
      refuseMember('sender_not_verified', SENDER, hint);
    }
    return undefined;
  },
};
