import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';

/** Browsers reject a cookie with this prefix over http. */
const SECURE_NAME = '__Host-score-session';
export const SESSION_COOKIE = 'score-session';

const ID = /^[A-Za-z0-9_-]{43}$/;

/** The cookie with the ID of a session, and the check of the page that sends it. */
@Injectable()
export class SessionCookie {
  private readonly publicUrl: URL | undefined;

  constructor(@Inject(CONFIGURATION) { publicUrl }: Configuration) {
    this.publicUrl = publicUrl === undefined ? undefined : new URL(publicUrl);
  }

  read(request: FastifyRequest): string | undefined {
    const id = request.cookies[this.isSecure(request) ? SECURE_NAME : SESSION_COOKIE];
    return id !== undefined && ID.test(id) ? id : undefined;
  }

  write(request: FastifyRequest, reply: FastifyReply, id: string, expires: Date): void {
    const secure = this.isSecure(request);
    reply.setCookie(secure ? SECURE_NAME : SESSION_COOKIE, id, { ...attributes(secure), expires });
  }

  clear(request: FastifyRequest, reply: FastifyReply): void {
    const secure = this.isSecure(request);
    reply.clearCookie(secure ? SECURE_NAME : SESSION_COOKIE, attributes(secure));
  }

  /** Whether the header `Origin` is this service's. Browsers send it with every write. */
  isFromOurPage(request: FastifyRequest): boolean {
    const ours = [
      `${request.protocol}://${request.host}`,
      ...(this.publicUrl === undefined ? [] : [this.publicUrl.origin]),
    ];
    return request.headers.origin !== undefined && ours.includes(request.headers.origin);
  }

  /** A proxy may terminate TLS: a request to the host of an https public URL counts as secure. */
  private isSecure(request: FastifyRequest): boolean {
    if (request.protocol === 'https') return true;
    return this.publicUrl?.protocol === 'https:' && this.publicUrl.host === request.host;
  }
}

function attributes(secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
}
