using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// A function as a transport serves it. Its VMM decodes addresses, so Memory Space Enable is a bit that reads back and gates nothing here:
/// clients that drive regions by index without it work, as they do with other servers.
/// </summary>
internal sealed class AssignedEndpoint(PciFunction function) : IEndpoint
{
    private int _raised;

    public event Action? Gone;

    public string Name => function.Name;

    public int ConfigSize => ConfigSpace.Size;

    public int MsixVectorCount => function.Description.MsixVectorCount;

    public int MsiVectorCount => function.Description.MsiVectorCount;

    public bool HasIntx => function.Description.InterruptPin != 0;

    public DmaDomain Dma => function.Dma;

    public bool IsPresent => function.IsPresent;

    public IInterruptSink? Interrupts
    {
        get => function.Interrupts;
        set
        {
            lock (function.Gate)
            {
                if (function.IsPresent)
                    function.Interrupts = value;
            }
        }
    }

    public bool IntxAsserted
    {
        get
        {
            lock (function.Gate)
                return function.IsPresent && function.IntxAsserted;
        }
    }

    public SharedBarMemory? Shared => function.Description.Shared;

    public void ShareMemory(IHostMemory? memory)
    {
        lock (function.Gate)
        {
            if (function.IsPresent)
                function.Personality.SharedMemoryChanged(memory);
        }
    }

    public BarDescription Bar(int index) => function.Bars[index];

    public void ReadConfig(int offset, Span<byte> destination)
    {
        lock (function.Gate)
        {
            if (function.IsPresent && !IsBlind)
                function.AssignedConfig.Read(offset, destination);
            else
                destination.Fill(0xFF);
        }
    }

    public void WriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        lock (function.Gate)
        {
            if (function.IsPresent && !IsBlind)
                function.AssignedConfig.Write(offset, source);
        }
    }

    public void ReadBar(int index, ulong offset, Span<byte> destination)
    {
        lock (function.Gate)
        {
            if (function.IsPresent && Decodes(index, offset, destination.Length))
                function.ReadBar(index, offset, destination);
            else
                destination.Fill(0xFF);
        }
    }

    public void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source)
    {
        lock (function.Gate)
        {
            if (function.IsPresent && Decodes(index, offset, source.Length))
                function.WriteBar(index, offset, source);
        }
    }

    public void Reset()
    {
        lock (function.Gate)
        {
            if (function.IsPresent)
                function.ResetAssigned();
        }
    }

    public void ColdReset()
    {
        lock (function.Gate)
        {
            if (function.IsPresent)
                function.ResetAssignedCold();
        }
    }

    public void MsixConnected(int vector)
    {
        lock (function.Gate)
        {
            if (function.IsPresent)
                function.Msix.Opened(vector);
        }
    }

    public void MsiConnected(int vector)
    {
        lock (function.Gate)
        {
            if (function.IsPresent)
                function.Msi.Opened(vector);
        }
    }

    internal void RaiseGone()
    {
        if (Interlocked.Exchange(ref _raised, 1) == 0)
            Gone?.Invoke();
    }

    /// <summary>A fault is injected: this access reads all ones, or is lost. A VMM has no word for retry status, so there is no other.</summary>
    private bool IsBlind => function.Faults is { } faults && faults.AllOnes.TryTake();

    private bool Decodes(int index, ulong offset, int length)
    {
        ulong size = function.Bars[index].Size;
        return offset < size && (ulong)length <= size - offset;
    }
}
