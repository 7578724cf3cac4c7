import { AdapterRegistry } from '@score-crm/connections';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SESSION_COOKIE } from '../auth/session-cookie.ts';
import { API_VERSION } from './api-version.ts';
import { connectionSchemas } from './connection-schemas.ts';

/** The description of the API, made from the controllers and from what the adapters declare. */
export function createDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('score-connections')
    .setDescription('The e-mail connections of Score CRM: create, test, change and delete accounts at e-mail vendors.')
    .setVersion(API_VERSION)
    .setLicense('MIT', '')
    .addSecurity('bearer', {
      type: 'http',
      scheme: 'bearer',
      description: 'An API key (sk_…), or a JWT of the CRM where the operator has set that up.',
    })
    .addSecurity('session', {
      type: 'apiKey',
      in: 'cookie',
      name: SESSION_COOKIE,
      description:
        'A session of the console. Over https the name has `__Host-` before it. Writes need a matching Origin.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_controller, method) => method });
  const schemas = connectionSchemas(app.get(AdapterRegistry).all());
  return {
    ...document,
    components: { ...document.components, schemas: { ...document.components?.schemas, ...schemas } },
  };
}
