import { ConfigurableModuleBuilder, Global, Module } from '@nestjs/common';
import type { ConnectionsModuleOptions } from './connections.module-options.ts';

export const { ASYNC_OPTIONS_TYPE, ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<ConnectionsModuleOptions>().setClassMethodName('forRoot').build();

/** The options given to `ConnectionsModule.forRoot`. Global, so that the module of each slice can inject them. */
@Global()
@Module({ exports: [MODULE_OPTIONS_TOKEN] })
export class ConnectionsOptionsModule extends ConfigurableModuleClass {}
