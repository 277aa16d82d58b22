namespace SoftIov.Pcie;

/// <summary>The whole state of a function, in one page of memory that can outlive the process (decision D7).</summary>
internal struct FunctionPage
{
    public FunctionRegisters Registers;
    public FabricRegisters Fabric;
    public StickyRegisters Sticky;
}
