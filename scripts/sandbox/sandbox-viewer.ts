import {
  jsonAnswer,
  type SandboxAnswer,
  type SandboxRequest,
  SandboxServer,
  type VendorSandbox,
} from '@score-crm/adapter-kit/sandbox';
import type { Sandboxes } from './sandboxes.ts';

type View = (sandbox: VendorSandbox) => object;

/**
 * Only what all sandboxes have in common: a vendor's own form of a message contains a key, and the query of a webhook a
 * token.
 */
const VIEWS: ReadonlyMap<string, View> = new Map<string, View>([
  [
    'mails',
    ({ mails }) => mails.map(({ messageId, from, recipients, subject }) => ({ messageId, from, recipients, subject })),
  ],
  ['webhooks', ({ webhooks }) => webhooks.map(({ id, url }) => ({ id, url: url.split('?')[0] }))],
]);

/** Shows the contents of the sandboxes over HTTP on 127.0.0.1: `GET /smtp/mails`, `GET /sendgrid/webhooks`. */
export class SandboxViewer extends SandboxServer {
  private constructor(private readonly sandboxes: Sandboxes) {
    super();
  }

  static async start(sandboxes: Sandboxes): Promise<SandboxViewer> {
    return new SandboxViewer(sandboxes).listen();
  }

  protected answer({ method, path }: SandboxRequest): SandboxAnswer {
    const [vendor = '', name = '', ...rest] = path.slice(1).split('/');
    const sandbox = this.sandboxes.byVendor.get(vendor);
    const view = VIEWS.get(name);
    if (method === 'GET' && sandbox !== undefined && view !== undefined && rest.length === 0) {
      return jsonAnswer(200, view(sandbox));
    }
    const paths = [...this.sandboxes.byVendor.keys()].flatMap((key) =>
      [...VIEWS.keys()].map((one) => `/${key}/${one}`),
    );
    return jsonAnswer(404, { paths });
  }
}
