using SoftIov.Api;
using SoftIov.Devices.Nvme;

namespace SoftIov.Daemon.Composition;

/// <summary>What happened to namespaces, in words, whoever did it.</summary>
internal static class NamespaceChanges
{
    /// <summary>A sentence for each.</summary>
    public static IEnumerable<string> Between(SubsystemRecord was, SubsystemRecord now)
    {
        foreach (NamespaceRecord one in was.Namespaces)
        {
            if (now.Find(one.Id) is null)
                yield return $"namespace {one.Id} was deleted";
        }

        foreach (NamespaceRecord one in now.Namespaces)
        {
            NamespaceRecord? former = was.Find(one.Id);
            if (former is null)
                yield return $"namespace {one.Id} of {ByteSize.About(one.Length)} was made";
            foreach (ushort controller in one.Controllers.Except(former?.Controllers ?? []))
                yield return $"namespace {one.Id} was attached to {NameOf(controller)}";
            foreach (ushort controller in (former?.Controllers ?? []).Except(one.Controllers))
                yield return $"namespace {one.Id} was detached from {NameOf(controller)}";
        }
    }

    private static string NameOf(ushort controller) => ControllerId.ToVf(controller) is >= 0 and var vf ? $"VF {vf}" : "the PF";
}
