namespace SoftIov.Pcie;

/// <summary>
/// One entry of a capability list. A new capability is a new file: it knows its registers, <see cref="ConfigSpace"/> places it and draws
/// the list header, so bits 15:0 of the dword at 0 (extended: 31:0) are not its own.
/// </summary>
internal abstract class Capability : ConfigBlock
{
    /// <summary>Capability ID, or extended capability ID.</summary>
    public abstract ushort Id { get; }

    /// <summary>Version of an extended capability.</summary>
    public virtual byte Version => 1;
}
