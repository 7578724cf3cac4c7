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
  /** Sealed before it is stored, never returned. */
  readonly secret?: boolean;
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

/**
 * Declares a property as a settings field. Its type is the property's own: string, number (an integer) or boolean.
 * @throws TypeError at load time for any other type.
 */
export function SettingsField(options: SettingsFieldOptions): PropertyDecorator {
  return (target, property) => {
    const type = TYPES.get(Reflect.getMetadata('design:type', target, property));
    if (type === undefined || typeof property !== 'string') {
      throw new TypeError(`@SettingsField: ${String(property)} must be declared as string, number or boolean.`);
    }
    const inherited = (Reflect.getMetadata(FIELDS, target) as readonly DeclaredField[] | undefined) ?? [];
    const others = inherited.filter((field) => field.name !== property);
    Reflect.defineMetadata(FIELDS, [...others, { ...options, name: property, type }], target);
  };
}

/** The fields of a settings class, in the order of their declaration. */
export function declaredFields(settings: { readonly prototype: object }): readonly DeclaredField[] {
  return (Reflect.getMetadata(FIELDS, settings.prototype) as readonly DeclaredField[] | undefined) ?? [];
}
