import 'reflect-metadata';

/** How a field is shown and kept. What it must look like is said by class-validator's decorators beside it. */
export interface SettingsFieldOptions {
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  /** The heading that the field stands under in a form. */
  readonly group?: string;
  /** Kept out of sight until somebody asks for it. */
  readonly advanced?: boolean;
  /** EncryptedSecrets before it is stored, never returned. */
  readonly secret?: boolean;
  /** A secret that only checks what comes in, such as a webhook's signing key: it is sent nowhere, so nothing binds it. */
  readonly inboundOnly?: boolean;
  /** A secret that nobody has to think up: where it is left out, a random one is made when the connection is stored. */
  readonly generated?: boolean;
  /** Decides where the secrets are sent: when it changes, they must be given anew. */
  readonly bindsSecret?: boolean;
  /** The field exists only while another field has one of these values. */
  readonly showIf?: ShowIf;
  readonly options?: readonly SettingsOption[];
  /** Text of several lines, such as a certificate. Any other text is refused if it holds a line break or control character. */
  readonly multiline?: boolean;
}

export interface ShowIf {
  readonly field: string;
  readonly in: readonly (string | number | boolean)[];
}

export interface SettingsOption {
  readonly value: string;
  readonly label: string;
}

export type SettingsFieldType = 'string' | 'integer' | 'boolean';

export interface DeclaredField extends SettingsFieldOptions {
  readonly name: string;
  readonly type: SettingsFieldType;
}

const FIELDS = Symbol.for('@score-crm/adapter-kit:settings-fields');
const TYPES = new Map<unknown, SettingsFieldType>([
  [String, 'string'],
  [Number, 'integer'],
  [Boolean, 'boolean'],
]);

const NAME = /^[a-z][a-z0-9_]*$/i;

/**
 * Declares a property as a settings field. Its type is the property's own: string, number (an integer) or boolean. Write
 * a union of literals out and without `undefined` (`region?: 'eu' | 'us'`): not every compiler sees through more.
 * @throws TypeError at load time for a declaration that cannot work.
 */
export function SettingsField(options: SettingsFieldOptions): PropertyDecorator {
  return (target, property) => {
    const type = TYPES.get(Reflect.getMetadata('design:type', target, property));
    if (typeof property !== 'string' || !NAME.test(property) || property in Object.prototype) {
      throw fault(property, 'is no name for a field. Use letters, digits and _, a letter first.');
    }
    if (type === undefined) throw fault(property, 'must be declared as string, number or boolean.');
    if (type !== 'string' && (options.secret === true || options.multiline === true || options.options !== undefined)) {
      throw fault(property, 'must be declared as string to have secret, multiline or options.');
    }
    if (options.generated === true && (options.secret !== true || options.inboundOnly !== true)) {
      throw fault(property, 'must be secret and inboundOnly to be generated: what goes out belongs to the vendor.');
    }
    const fields = (Reflect.getMetadata(FIELDS, target) as readonly DeclaredField[] | undefined) ?? [];
    const field = { ...options, name: property, type };
    const redeclared = fields.some((other) => other.name === property);
    const all = redeclared ? fields.map((other) => (other.name === property ? field : other)) : [...fields, field];
    Reflect.defineMetadata(FIELDS, all, target);
  };
}

/**
 * The fields of a settings class, in the order of their declaration, those of its base class first.
 * @throws TypeError if a `showIf` looks at a field that there is not.
 */
export function declaredFields(settings: { readonly prototype: object }): readonly DeclaredField[] {
  const fields = (Reflect.getMetadata(FIELDS, settings.prototype) as readonly DeclaredField[] | undefined) ?? [];
  const names = new Set(fields.map((field) => field.name));
  for (const { name, showIf } of fields) {
    if (showIf !== undefined && (showIf.field === name || !names.has(showIf.field))) {
      throw fault(name, `has a showIf on ${showIf.field}, which is no other field.`);
    }
  }
  return fields;
}

function fault(property: string | symbol, what: string): TypeError {
  return new TypeError(`@SettingsField: ${String(property)} ${what}`);
}
