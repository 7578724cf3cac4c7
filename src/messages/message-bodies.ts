import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BodyReader } from '../bodies/body-reader.ts';
import { leaveUnread } from '../bodies/unread-bodies.ts';
import { isMessagesRoute, MESSAGE_BODY_LIMIT } from './message-route.ts';
import { MessageTooLargeError } from './message-too-large.error.ts';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const LIMITS = { bytes: 64 << 20, bytesEach: 32 << 20 };

/** Leaves the bodies of messages unread: they may be long, and are read only for those whom the guard lets pass. */
export function leaveMessagesUnread(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const isJson = JSON_TYPE.test(request.headers['content-type'] ?? '');
    if (isJson && isMessagesRoute(request.routeOptions.url)) leaveUnread(request);
    done();
  });
}

/** Reads the bodies of messages, within a limit for each and for all that are there at one time. */
@Injectable()
export class MessageBodies {
  private readonly bodies = new BodyReader(LIMITS);

  /** @throws MessageTooLargeError, OverloadedError, or an error of the status 400 for what is no JSON */
  async read(request: FastifyRequest, reply: FastifyReply, organisation: string): Promise<unknown> {
    const { body } = request;
    if (!(body instanceof Readable)) return body;
    if (Number(request.headers['content-length'] ?? 0) > MESSAGE_BODY_LIMIT) throw new MessageTooLargeError();
    const incoming = { body, response: reply.raw, owner: organisation, limit: MESSAGE_BODY_LIMIT };
    const bytes = await this.bodies.read(incoming);
    if (bytes === undefined) throw new MessageTooLargeError();
    return parseJson(request, bytes.toString());
  }
}

async function parseJson(request: FastifyRequest, text: string): Promise<unknown> {
  const parse = request.server.getDefaultJsonParser('error', 'error');
  return new Promise((resolve, reject) => {
    void parse(request, text, (error, value) => (error === null ? resolve(value) : reject(error)));
  });
}
