/** Gives the text of a file; undefined for one that is not there or cannot be read. */
export type ReadText = (path: string) => string | undefined

const CGROUPS = '/sys/fs/cgroup'

/**
 * How many cores' time the control groups of this process grant, such as 1.5; undefined without a limit, or where there are none.
 *
 * A limit of Kubernetes (`resources.limits.cpu`) is such a quota. Every group above counts too: the least decides. In a container the
 * path that the kernel names may not be there, and the group itself is the root of what is mounted.
 *
 * @see Linux `Documentation/admin-guide/cgroup-v2.rst` (cpu.max), `Documentation/scheduler/sched-bwc.rst` (cgroup v1)
 */
export function cpuQuota(readText: ReadText): number | undefined {
  const quotas = (readText('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => quotasOf(line, readText))
  return quotas.length === 0 ? undefined : Math.min(...quotas)
}

/** A line is `hierarchy:controllers:path`; of version 2 it begins with `0::`. */
function quotasOf(line: string, readText: ReadText): number[] {
  const [, hierarchy, controllers = '', path = ''] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? []
  if (hierarchy === undefined) return []
  if (controllers === '') return foldersOf(path).flatMap((folder) => quotaOfVersion2(`${CGROUPS}${folder}`, readText))
  if (!controllers.split(',').includes('cpu')) return []
  return [controllers, 'cpu'].flatMap((mount) =>
    foldersOf(path).flatMap((folder) => quotaOfVersion1(`${CGROUPS}/${mount}${folder}`, readText)),
  )
}

/** `/a/b`, `/a` and the root. */
function foldersOf(path: string): readonly string[] {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '..')
  return [...segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}`), '']
}

/** `cpu.max` is `<quota> <period>`, both in microseconds, or `max <period>`. */
function quotaOfVersion2(folder: string, readText: ReadText): number[] {
  const [quota, period] = (readText(`${folder}/cpu.max`) ?? '').trim().split(' ')
  return quotaOf(quota, period)
}

function quotaOfVersion1(folder: string, readText: ReadText): number[] {
  return quotaOf(readText(`${folder}/cpu.cfs_quota_us`), readText(`${folder}/cpu.cfs_period_us`))
}

/** No limit is `max`, or -1. */
function quotaOf(quota: string | undefined, period: string | undefined): number[] {
  const cores = Number(quota) / Number(period)
  return cores > 0 && Number.isFinite(cores) ? [cores] : []
}
