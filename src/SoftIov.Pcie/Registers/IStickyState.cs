namespace SoftIov.Pcie;

/// <summary>What has sticky registers: a function, a root port.</summary>
internal interface IStickyState
{
    /// <summary>The registers, in place.</summary>
    ref StickyRegisters Sticky { get; }
}
