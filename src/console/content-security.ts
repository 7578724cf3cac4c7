import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

type Policy = Exclude<FastifyHelmetOptions['contentSecurityPolicy'], boolean | undefined>;

const OWN = "'self'";
const NONE = "'none'";
/** Nobody's frame, no base address, and nothing that is not named here. */
const CLOSED = { defaultSrc: [NONE], baseUri: [NONE], frameAncestors: [NONE], formAction: [NONE] };

/** What is no page loads nothing at all. */
export const NO_PAGE: Policy = { useDefaults: false, directives: CLOSED };

/** The console: its own files, and the style tags that bear the nonce of the page. */
export const CONSOLE: Policy = {
  useDefaults: false,
  directives: {
    ...CLOSED,
    scriptSrc: [OWN],
    styleSrc: [OWN],
    fontSrc: [OWN],
    imgSrc: [OWN],
    connectSrc: [OWN],
    formAction: [OWN],
  },
};

/** The description of the API: the page of Swagger UI has style and script in itself. */
const DOCS: Policy = {
  useDefaults: false,
  directives: {
    ...CLOSED,
    scriptSrc: [OWN, "'unsafe-inline'"],
    styleSrc: [OWN, "'unsafe-inline'"],
    imgSrc: [OWN, 'data:'],
    fontSrc: [OWN],
    connectSrc: [OWN],
  },
};

/** Gives the pages that are not ours to write a policy that they can live with. Before the routes are there. */
export function loosenPolicyOfDocs(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (/^\/api\/docs(\/|$)/.test(route.url)) route.helmet = { contentSecurityPolicy: DOCS };
  });
}
