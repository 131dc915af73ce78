import { describe, expect, test } from 'vitest'
import { objectsInFiles } from './manifests.ts'
import { podOf } from './pods.ts'

const deployments = ['base', 'workload'].flatMap((folder) =>
  objectsInFiles(folder)
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => ({ name: object.metadata.name, pod: podOf(object) })),
)

/** The pod security standard `restricted`, and a little more: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
describe.each(deployments)('the pod of $name', ({ pod }) => {
  test('runs as nobody in particular, by the default rules of seccomp', () => {
    expect(pod).toMatchObject({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } })
    for (const name of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(name)
  })

  test('has no token that nobody asked for', () => {
    expect(pod.automountServiceAccountToken).toBe(false)
  })

  test.each(pod.containers)(
    'gives container $name no capability, no way to more, no disk to write to, and limits',
    (container) => {
      expect(container).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { cpu: expect.any(String) }, limits: { memory: expect.any(String) } },
      })
      for (const port of container.ports ?? []) expect(port).not.toHaveProperty('hostPort')
    },
  )

  test('mounts only what restricted pods may', () => {
    for (const { name, ...kinds } of pod.volumes) {
      expect(['secret', 'configMap', 'projected', 'emptyDir'], name).toEqual(expect.arrayContaining(Object.keys(kinds)))
    }
  })
})
