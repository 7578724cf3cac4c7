/** One instruction of a Dockerfile, its flags apart: `--from=build` is `['from', 'build']`. */
export interface Instruction {
  readonly name: string;
  readonly flags: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

const FLAG = /^--([a-z-]+)=(\S+)\s+/;

/** Reads the stages of a Dockerfile, as far as ours use the language. @throws Error for what it does not know. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const instruction = parseInstruction(line);
    if (instruction.name === 'FROM') {
      const [, image = '', name] = /^(\S+)(?: AS (\S+))?$/i.exec(instruction.text) ?? [];
      if (image === '') throw new Error(`Not understood: ${line}`);
      stages.push({ image, name, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`Before any FROM: ${line}`);
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

/** The words of an instruction in its exec form, `["node", "main.js"]`. */
export function execForm(text: string): string[] {
  return JSON.parse(text) as string[];
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^\s*([A-Z]+)\s+(.*)$/.exec(line) ?? [];
  if (name === '') throw new Error(`Not understood: ${line}`);
  const flags = new Map<string, string>();
  let text = rest;
  for (let match = FLAG.exec(text); match !== null; match = FLAG.exec(text)) {
    flags.set(match[1] ?? '', match[2] ?? '');
    text = text.slice(match[0].length);
  }
  return { name, flags, text };
}
