import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { execForm, type Instruction, parseDockerfile } from './dockerfile.ts';
import { contextFiles } from './dockerignore.ts';

/** What an image is started with. */
export interface Image {
  readonly base: string;
  /** The folder that stands for its root. */
  readonly root: string;
  /** Its working directory, seen from its root. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly ports: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

export interface BuildOptions {
  /** Where the roots of the stages are made. */
  readonly folder: string;
  /** What is built, with its .dockerignore. */
  readonly context: string;
  /** What the programs of RUN find beside the stage's own environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Follows a Dockerfile without Docker, with the programs of this machine in the place of the base images'. It fails at what it
 * cannot follow, so that nothing of the file is passed over in silence.
 * @param text of the Dockerfile
 * @returns what each stage leaves, the image last.
 */
export function buildImages(text: string, options: BuildOptions): Image[] {
  const built = new Map<string, Image>();
  return parseDockerfile(text).map((stage, index) => {
    const root = join(options.folder, `stage-${String(index)}`);
    mkdirSync(root);
    const image = stage.instructions.reduce((before, instruction) => follow(before, instruction, built, options), {
      ...EMPTY,
      base: stage.image,
      root,
    });
    if (stage.name !== undefined) built.set(stage.name, image);
    return image;
  });
}

const EMPTY: Omit<Image, 'base' | 'root'> = {
  directory: '/',
  environment: {},
  user: undefined,
  ports: [],
  command: [],
  healthCheck: [],
};

function follow(
  image: Image,
  instruction: Instruction,
  built: ReadonlyMap<string, Image>,
  options: BuildOptions,
): Image {
  const { name, flags, text } = instruction;
  switch (name) {
    case 'WORKDIR': {
      const directory = resolve(image.directory, text);
      mkdirSync(join(image.root, directory), { recursive: true });
      return { ...image, directory };
    }
    case 'ENV': {
      const [, variable = '', value = ''] = /^(\w+)=(\S*)$/.exec(text) ?? [];
      return { ...image, environment: { ...image.environment, [variable]: value } };
    }
    case 'COPY':
      copy(image, instruction, built, options.context);
      return image;
    case 'RUN':
      run(image, instruction, options);
      return image;
    case 'USER':
      return { ...image, user: text };
    case 'EXPOSE':
      return { ...image, ports: [...image.ports, text] };
    case 'HEALTHCHECK':
      allowFlags(flags, ['interval', 'timeout', 'start-period']);
      return { ...image, healthCheck: execForm(text.replace(/^CMD /, '')) };
    case 'CMD':
      return { ...image, command: execForm(text) };
    default:
      throw new Error(`${name} cannot be followed.`);
  }
}

function copy(image: Image, { flags, text }: Instruction, built: ReadonlyMap<string, Image>, context: string): void {
  allowFlags(flags, ['from', 'chown']);
  const [source = '', target = '', ...more] = text.split(/\s+/);
  const to = join(image.root, resolve(image.directory, target));
  const from = flags.get('from');
  if (from !== undefined) {
    const root = built.get(from)?.root;
    if (root === undefined || more.length > 0) throw new Error(`COPY --from=${from} ${text} cannot be followed.`);
    const path = join(root, source);
    const isFolder = statSync(path).isDirectory();
    // Of a folder, COPY takes what is in it.
    cpSync(path, isFolder ? to : join(to, basename(path)), { recursive: true, verbatimSymlinks: true });
    return;
  }
  if (source !== '.' || more.length > 0) throw new Error(`COPY ${text} cannot be followed.`);
  for (const file of contextFiles(context)) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(context, file), join(to, file));
  }
}

function run(image: Image, { flags, text }: Instruction, { folder, environment }: BuildOptions): void {
  allowFlags(flags, ['mount']);
  // An absolute path would be one of this machine.
  if (/(^|[\s=])\//.test(text)) throw new Error(`RUN ${text} cannot be followed.`);
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', text], {
    cwd: join(image.root, image.directory),
    env: { ...environment, HOME: folder, ...image.environment },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`RUN ${text} ended with ${String(status)}:\n${stdout}\n${stderr}`);
}

function allowFlags(flags: ReadonlyMap<string, string>, known: readonly string[]): void {
  for (const flag of flags.keys()) if (!known.includes(flag)) throw new Error(`--${flag} cannot be followed.`);
}
