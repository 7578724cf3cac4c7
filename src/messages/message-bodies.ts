import { Readable } from 'node:stream';
import { BadRequestException, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BodyBudget } from '../bodies/body-budget.ts';
import { OverloadedError } from '../bodies/overloaded.error.ts';
import { isMessagesRoute, MESSAGE_BODY_LIMIT } from './message-route.ts';
import { MessageTooLargeError } from './message-too-large.error.ts';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const UNREAD = 'application/vnd.score-connections.unread';
const BYTES_IN_FLIGHT = 64 << 20;

/** Leaves the bodies of messages unread: they may be long, and are read only for those whom the guard lets pass. */
export function leaveMessagesUnread(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(UNREAD, (request, payload, done) => {
    if (isMessagesRoute(request.routeOptions.url)) done(null, payload);
    else done(Object.assign(new Error('Send the body as application/json.'), { statusCode: 415 }));
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const isJson = JSON_TYPE.test(request.headers['content-type'] ?? '');
    if (isJson && isMessagesRoute(request.routeOptions.url)) request.headers['content-type'] = UNREAD;
    done();
  });
}

/** Reads the bodies of messages, within a limit for each and for all that are there at one time. */
@Injectable()
export class MessageBodies {
  private readonly budget = new BodyBudget(BYTES_IN_FLIGHT);

  /** @throws MessageTooLargeError, OverloadedError, or an error of the status 400 for what is no JSON */
  async read(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { body } = request;
    if (!(body instanceof Readable)) return body;
    const length = Number(request.headers['content-length'] ?? MESSAGE_BODY_LIMIT);
    if (length > MESSAGE_BODY_LIMIT) throw new MessageTooLargeError();
    const giveBack = this.budget.take(length);
    if (giveBack === undefined) throw new OverloadedError();
    // What was read stays in memory until the vendor has it.
    reply.raw.once('close', giveBack);
    const text = await readText(body);
    if (text === undefined) throw new MessageTooLargeError();
    return parseJson(request, text);
  }
}

/** Undefined if it is too long. */
async function readText(body: Readable): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // A stream that is destroyed takes its socket along, and with it the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MESSAGE_BODY_LIMIT) return undefined;
      chunks.push(chunk);
    }
  } catch {
    throw new BadRequestException('The body broke off.');
  }
  return Buffer.concat(chunks).toString();
}

async function parseJson(request: FastifyRequest, text: string): Promise<unknown> {
  const parse = request.server.getDefaultJsonParser('error', 'error');
  return new Promise((resolve, reject) => {
    void parse(request, text, (error, value) => (error === null ? resolve(value) : reject(error)));
  });
}
