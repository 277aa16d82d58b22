namespace SoftIov.Pcie;

/// <summary>A device below a root port. What it does not claim is an unsupported request.</summary>
internal interface IBusDevice
{
    /// <summary>The port it sits below; once.</summary>
    void Connect(IUpstreamPort port);

    /// <summary>Reads a dword of configuration space.</summary>
    Completion ReadConfig(in ConfigRequest request, out uint value);

    /// <summary>Writes a dword of configuration space.</summary>
    Completion WriteConfig(in ConfigRequest request, DwordWrite write);

    /// <summary>Whether the target of such requests is there, whatever it answers.</summary>
    bool IsPresent(in ConfigRequest request);

    /// <summary>Reads memory space.</summary>
    Completion ReadMemory(ulong address, Span<byte> destination);

    /// <summary>Writes memory space.</summary>
    Completion WriteMemory(ulong address, ReadOnlySpan<byte> source);

    /// <summary><see cref="IUpstreamPort.ForwardsUpstream"/> may have changed: what no longer passes has stopped when this returns.</summary>
    void UpstreamChanged();

    /// <summary>The link was reset.</summary>
    void HotReset();

    /// <summary>Power went off and on: also the sticky registers are lost.</summary>
    void ColdReset();
}
