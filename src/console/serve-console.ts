import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FrameworkError } from '@score-crm/connections-http';
import fastifyHelmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CONSOLE, NO_PAGE, setPoliciesByRoute } from './content-security.ts';

const BUILT = join(dirname(createRequire(import.meta.url).resolve('@score-crm/console/package.json')), 'dist');
const PAGE = join(BUILT, 'index.html');
/** The placeholder for the nonce in the built page (libs/console/vite.config.ts). */
const NONCE_PLACE = '__CSP_NONCE__';
/** Unknown paths below these prefixes are a 404 in JSON. All other paths are pages. */
const NO_PAGES = /^\/(api|webhooks|health|metrics|assets)(\/|\?|$)/;

/**
 * Serves the console: its files, and its page at every other path, since the client-side router knows the paths.
 * @param maxParamLength of the router, in characters
 */
export async function serveConsole(fastify: FastifyInstance, maxParamLength: number): Promise<void> {
  setPoliciesByRoute(fastify);
  await fastify.register(fastifyHelmet, {
    contentSecurityPolicy: NO_PAGE,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  if (!existsSync(PAGE)) {
    fastify.log.warn('The console is not built, so / has no page. Run: npm run build');
    return;
  }
  await fastify.register(fastifyStatic, {
    root: join(BUILT, 'assets'),
    prefix: '/assets/',
    index: false,
    decorateReply: false,
    preCompressed: true,
    // File names contain a hash of the content.
    immutable: true,
    maxAge: '1y',
  });
  const options = { helmet: { enableCSPNonces: true, contentSecurityPolicy: CONSOLE } };
  fastify.get('/*', options, async (request, reply) => {
    if (asksForPage(request)) return sendPage(reply);
    void reply.helmet({ contentSecurityPolicy: NO_PAGE });
    // For a parameter that is too long, the router falls back to this route.
    const [path = ''] = request.url.split('?');
    if (path.split('/').some((part) => part.length > maxParamLength)) throw new FrameworkError({ statusCode: 414 });
    return reply.callNotFound();
  });
}

function asksForPage({ url, headers }: FastifyRequest): boolean {
  return !NO_PAGES.test(url) && /text\/html|\*\/\*/.test(headers.accept ?? '*/*');
}

async function sendPage(reply: FastifyReply): Promise<FastifyReply> {
  const { script, style } = reply.cspNonce;
  const html = await readFile(PAGE, 'utf8');
  const page = html
    .replaceAll(/<script\b[^>]*>/g, (tag) => tag.replaceAll(NONCE_PLACE, script))
    .replaceAll(NONCE_PLACE, style);
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
}
