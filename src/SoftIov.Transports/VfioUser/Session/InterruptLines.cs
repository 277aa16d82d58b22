using System.Buffers.Binary;
using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// A client's eventfds: where the endpoint's interrupts go (linux/vfio.h, VFIO_DEVICE_SET_IRQS). Set up on the loop thread, signalled from
/// any. INTx masks itself when it fires, and fires again on unmask while the endpoint still asserts it.
/// </summary>
internal sealed partial class InterruptLines : IInterruptSink
{
    private readonly IEndpoint _endpoint;
    private readonly Epoll _loop;
    private readonly MessageOutput _output;
    private readonly ulong _unmaskToken;
    private readonly InterruptLine?[] _msi;
    private readonly InterruptLine?[] _msix;
    private InterruptLine? _intx;
    private InterruptLine? _unmask;
    private InterruptLine? _error;
    private int _isIntxMasked;

    public InterruptLines(IEndpoint endpoint, Epoll loop, MessageOutput output, ulong unmaskToken)
    {
        _endpoint = endpoint;
        _loop = loop;
        _output = output;
        _unmaskToken = unmaskToken;
        _msi = new InterruptLine?[endpoint.MsiVectorCount];
        _msix = new InterruptLine?[endpoint.MsixVectorCount];
    }

    /// <inheritdoc/>
    public bool SignalMsix(int vector) => Signal(_msix, vector);

    /// <inheritdoc/>
    public bool SignalMsi(int vector) => Signal(_msi, vector);

    /// <inheritdoc/>
    public bool SignalIntx() =>
        Volatile.Read(ref _intx) is { } line && Interlocked.Exchange(ref _isIntxMasked, 1) == 0 && line.Signal();

    /// <summary>
    /// A posted DMA_WRITE: the client writes the dword where its interrupt controllers listen, and answers nothing. Whoever does not read
    /// loses messages once the output is full, and then its session.
    /// </summary>
    public bool SignalMessage(ulong address, uint data)
    {
        const int Length = MessageHeader.Length + sizeof(ulong) + sizeof(ulong) + sizeof(uint);
        Span<byte> message = stackalloc byte[Length];
        MessageHeader.ForCommand(0, VfioUserCommand.DmaWrite, Length - MessageHeader.Length, isPosted: true).Write(message);
        BinaryPrimitives.WriteUInt64LittleEndian(message[MessageHeader.Length..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(message[(MessageHeader.Length + sizeof(ulong))..], sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(message[^sizeof(uint)..], data);
        return _output.Send(message);
    }

    /// <summary>The client unmasked INTx, by message or eventfd.</summary>
    public void UnmaskIntx()
    {
        Interlocked.Exchange(ref _isIntxMasked, 0);
        if (_endpoint.IntxAsserted)
            SignalIntx();
    }

    /// <summary>Interrupts of an index.</summary>
    public uint CountOf(uint index) => index switch
    {
        IrqIndex.Intx => _endpoint.HasIntx ? 1u : 0,
        IrqIndex.Msi => (uint)_msi.Length,
        IrqIndex.Msix => (uint)_msix.Length,
        IrqIndex.Error => 1,
        _ => 0,
    };

    /// <summary>Forgets and closes all eventfds.</summary>
    public void Clear()
    {
        for (uint index = 0; index < IrqIndex.Count; index++)
            Disable(index);
    }

    private static bool Signal(InterruptLine?[] lines, int vector) =>
        (uint)vector < (uint)lines.Length && Volatile.Read(ref lines[vector]) is { } line && line.Signal();

    private static void Replace(ref InterruptLine? line, InterruptLine? successor) => Interlocked.Exchange(ref line, successor)?.Dispose();
}
