/** The little of reflect-metadata that @peculiar/x509 asks for when it loads; import this before it. */
const metadata = new WeakMap<object, Map<unknown, unknown>>()

function getOwnMetadata(name: unknown, target: object): unknown {
  return metadata.get(target)?.get(name)
}

function defineMetadata(name: unknown, value: unknown, target: object): void {
  metadata.set(target, (metadata.get(target) ?? new Map<unknown, unknown>()).set(name, value))
}

Object.assign(Reflect, { getMetadata: getOwnMetadata, getOwnMetadata, defineMetadata })
