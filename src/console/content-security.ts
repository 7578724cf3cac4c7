import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

type Policy = Exclude<FastifyHelmetOptions['contentSecurityPolicy'], boolean | undefined>;

const OWN = "'self'";
const NONE = "'none'";
/** No frames, no base URL, and nothing that the policy does not name. */
const CLOSED = { defaultSrc: [NONE], baseUri: [NONE], frameAncestors: [NONE], formAction: [NONE] };

/** For responses that are not pages: they load nothing. */
export const NO_PAGE: Policy = { useDefaults: false, directives: CLOSED };

/** For the console: its own files, and style tags with the nonce of the page. */
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

/** For the API docs: the page of Swagger UI contains inline styles and scripts. */
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

/**
 * Replaces the policy of the API docs, and omits the headers for browsers from the answers to vendors: a twentieth of what a
 * small webhook costs. Call this before the routes are registered.
 */
export function setPoliciesByRoute(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (/^\/api\/docs(\/|$)/.test(route.url)) route.helmet = { contentSecurityPolicy: DOCS };
    if (route.url.startsWith('/webhooks/')) route.helmet = false;
  });
}
