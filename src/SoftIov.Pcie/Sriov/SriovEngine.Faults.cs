namespace SoftIov.Pcie;

/// <content>What is injected into the PF and into VFs. A VF need not be enabled: to be late it must be armed before.</content>
internal sealed partial class SriovEngine
{
    private InjectedFaults?[] _vfFaults = [];

    /// <summary>What is injected into the PF (<paramref name="vf"/> null) or a VF; null when nothing is.</summary>
    public InjectedFaults? FaultsOf(int? vf) => vf is not { } number
        ? Physical.Faults
        : number < _vfFaults.Length ? _vfFaults[number] : null;

    /// <summary>Where to inject.</summary>
    public InjectedFaults Inject(int? vf)
    {
        if (FaultsOf(vf) is { } faults)
            return faults;
        return Place(vf, new InjectedFaults(_options.Time))!;
    }

    /// <summary>Nothing is injected any more.</summary>
    public void ClearFaults(int? vf)
    {
        if (FaultsOf(vf) is not null)
            Place(vf, null);
    }

    /// <summary>The same for the PF and all its VFs.</summary>
    public void ClearFaults()
    {
        ClearFaults(null);
        for (int vf = 0; vf < _vfFaults.Length; vf++)
            ClearFaults(vf);
    }

    /// <summary>VF Enable goes to 0 by itself.</summary>
    public void LoseVfEnable()
    {
        Registers.Control &= unchecked((ushort)~SriovControlBits.VfEnable);
        Disable();
    }

    private InjectedFaults? Place(int? vf, InjectedFaults? faults)
    {
        PciFunction? function = Physical;
        if (vf is { } number)
        {
            if (_vfFaults.Length == 0)
                _vfFaults = new InjectedFaults?[TotalVfs];
            _vfFaults[number] = faults;
            function = number < Count ? _vfs[number] : null;
        }

        if (function is not null)
            function.Faults = faults;
        return faults;
    }

    /// <summary>VFs come to be: those that are late start now.</summary>
    private void RestartFaults()
    {
        foreach (InjectedFaults? faults in _vfFaults)
            faults?.Restarted();
    }
}
