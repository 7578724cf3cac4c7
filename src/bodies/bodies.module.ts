import { Module } from '@nestjs/common';
import { JsonBodies } from './bodies.interceptor.ts';
import { UnauthenticatedBodies } from './read-body.ts';

@Module({ providers: [JsonBodies, UnauthenticatedBodies], exports: [JsonBodies, UnauthenticatedBodies] })
export class BodiesModule {}
