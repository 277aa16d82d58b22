namespace SoftIov.Api;

/// <summary>Namespaces that VFs get of themselves: VF n the one with NSID n + 1.</summary>
/// <param name="Share">Which.</param>
/// <param name="Size">Bytes of each when <paramref name="Share"/> says sized; null otherwise.</param>
public sealed record VfNamespacesSpec(VfShare Share, long? Size = null)
{
    /// <summary>Equal shares.</summary>
    public static VfNamespacesSpec Equal { get; } = new(VfShare.Equal);

    /// <summary>None.</summary>
    public static VfNamespacesSpec None { get; } = new(VfShare.None);

    /// <inheritdoc/>
    public override string ToString() => Size is { } size ? ByteSize.Show(size) : Share.ToString().ToLowerInvariant();
}
