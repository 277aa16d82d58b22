namespace SoftIov.Pcie;

/// <summary>
/// Power management capability, version 3: D0 and D3hot, no PME (PCIe 7.5.2). Each view has a power state of its own: a guest that puts
/// its PF to sleep must not take the VFs of others along. VFs have none.
/// </summary>
internal sealed class PowerManagementCapability : Capability
{
    /// <summary>PowerState field of PMCSR.</summary>
    public const ushort PowerState = 3;

    /// <summary>D3hot in that field.</summary>
    public const ushort D3Hot = 3;

    private const uint Version3 = 3;
    private const ushort NoSoftReset = 1 << 3;

    private readonly PciFunction _function;
    private readonly bool _isFabric;
    private readonly bool _noSoftReset;
    private readonly Action _internalReset;
    private readonly Action _changed;

    /// <param name="function">The function.</param>
    /// <param name="view">The view that shows it.</param>
    /// <param name="noSoftReset">No_Soft_Reset: state is kept from D3hot to D0.</param>
    /// <param name="internalReset">What D3hot to D0 does when it is not.</param>
    /// <param name="changed">What follows a change of the power state.</param>
    public PowerManagementCapability(
        PciFunction function, ConfigView view, bool noSoftReset, Action internalReset, Action changed)
    {
        _changed = changed;
        _function = function;
        _isFabric = view == ConfigView.Fabric;
        _noSoftReset = noSoftReset;
        _internalReset = internalReset;
    }

    public override ushort Id => 0x01;

    public override int Length => 0x08;

    private ref ushort Control => ref _isFabric ? ref _function.Fabric.PowerControl : ref _function.Registers.PowerControl;

    public override uint Read(int offset) => offset == 0 ? Version3 << 16 : Control | (_noSoftReset ? NoSoftReset : 0u);

    public override void Write(int offset, DwordWrite write)
    {
        if (offset != 0x04)
            return;
        ushort old = Control;
        ushort state = write.Merge16(old, PowerState);
        if (state is not (0 or D3Hot) || state == old)
            return; // D1 and D2 are not supported: a write of them is ignored
        Control = state;
        if (state == 0 && !_noSoftReset)
            _internalReset();
        _changed();
    }
}
