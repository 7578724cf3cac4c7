import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ConnectionsModuleOptions } from './connections.module-options.ts';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ConnectionsModuleOptions>().setClassMethodName('forRoot').build();
