import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AdapterRegistry } from './adapter.registry.ts';

@Module({ imports: [DiscoveryModule], providers: [AdapterRegistry], exports: [AdapterRegistry] })
export class AdaptersModule {}
