using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Personalities;

/// <summary>The keys of one of an adapter's <c>namespaces</c>, but for its <c>id</c>.</summary>
internal static class NamespaceSettings
{
    /// <summary>All of them, in the order they are shown.</summary>
    public static IReadOnlyList<Setting<NamespaceSpec>> All { get; } =
    [
        new("size", ByteSize.Expected, (n, t) => ByteSize.Parse(t) is { } size ? n with { Size = size } : null, n => ShowSize(n.Size)),
        new(
            "blockSize",
            "512 or 4096",
            (n, t) => Number(t) is { } bytes ? n with { BlockSize = bytes } : null,
            n => n.BlockSize is { } bytes ? Show(bytes) : "512"),
        new("shared", "true or false", (n, t) => Switch(t) is { } on ? n with { Shared = on } : null, n => n.Shared ? "true" : "false"),
        new("vfs", "VF numbers, or none", (n, t) => ParseVfs(t) is { } vfs ? n with { Vfs = vfs } : null, n => ShowVfs(n.Vfs)),
        new("pf", "true or false", (n, t) => Switch(t) is { } on ? n with { Pf = on } : null, n => n.Pf ? "true" : "false"),
    ];

    private static ImmutableSortedSet<int>? ParseVfs(string text)
    {
        var vfs = ImmutableSortedSet.CreateBuilder<int>();
        foreach (string part in text is None or "" ? [] : text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Number(part) is not { } vf)
                return null;
            vfs.Add(vf);
        }

        return vfs.ToImmutable();
    }

    private static string ShowVfs(ImmutableSortedSet<int> vfs) => vfs.IsEmpty ? None : string.Join(',', vfs);

    private static string ShowSize(long? size) => size is { } bytes ? ByteSize.Show(bytes) : None;
}
