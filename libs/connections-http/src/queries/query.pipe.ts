import { AdapterRegistry, InvalidQueryError } from '@score-crm/connections';
import { type FieldError, jsonPointer, MAX_FIELD_ERRORS } from '@score-crm/adapter-kit';
import { type ArgumentMetadata, Injectable, type Type, ValidationPipe } from '@nestjs/common';
import { getMetadataStorage, type ValidationError, type ValidatorOptions } from 'class-validator';
import { VENDORS } from './parameter.decorators.ts';

/**
 * Checks the query parameters of all routes that have a query class, and nothing else: request bodies are validated by the
 * services that they belong to. An empty parameter counts as absent. All problems are reported together.
 */
@Injectable()
export class QueryPipe extends ValidationPipe {
  constructor(private readonly registry: AdapterRegistry) {
    super({ transform: true, exceptionFactory: (errors) => new InvalidQueryError(errors.flatMap(fieldErrors)) });
  }

  /** @throws InvalidQueryError */
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { metatype } = metadata;
    if (metadata.type !== 'query' || metatype === undefined || metatype === Object) return value;
    const known = parametersOf(metatype);
    const errors: FieldError[] = [];
    const given: Record<string, unknown> = {};
    // A global ValidationPipe of the application may have parsed the parameters already, by the same decorators.
    const isParsed = value instanceof metatype;
    for (const [name, text] of Object.entries(value as Readonly<Record<string, unknown>>)) {
      if (errors.length === MAX_FIELD_ERRORS) break;
      const pointer = jsonPointer(name);
      if (!known.includes(name)) {
        const message = `Unknown parameter. Allowed parameters: ${known.join(', ')}.`;
        errors.push({ pointer, code: 'unknown_parameter', message });
      } else if (Array.isArray(text) && !isParsed) {
        errors.push({ pointer, code: 'repeated', message: 'Send this parameter only once.' });
      } else if (text !== '') {
        given[name] = text;
      }
    }
    try {
      const query: unknown = await super.transform(given, metadata);
      if (errors.length === 0) return query;
    } catch (error) {
      if (!(error instanceof InvalidQueryError)) throw error;
      errors.push(...error.errors);
    }
    throw new InvalidQueryError(errors);
  }

  protected override validate(
    query: object,
    options?: ValidatorOptions,
  ): Promise<ValidationError[]> | ValidationError[] {
    Object.defineProperty(query, VENDORS, { value: this.registry.vendors });
    return super.validate(query, options);
  }
}

/** The names of the properties that have rules. */
function parametersOf(query: Type): string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(query, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))];
}

function fieldErrors({ property, constraints = {} }: ValidationError): FieldError[] {
  return Object.entries(constraints).map(([code, message]) => ({ pointer: `/${property}`, code, message }));
}
