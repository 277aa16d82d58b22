using System.Buffers.Binary;

namespace SoftIov.Pcie;

/// <summary>
/// Configuration space of a <see cref="VmdEndpoint"/>. VMCAP, VMCONFIG and VMLOCK lie at places of their own between header and
/// capabilities, which is why this is no <see cref="ConfigSpace"/>. The device id is one that QEMU has no quirk for.
/// </summary>
internal sealed class VmdConfig(VmdLayout layout, WholeInterrupts interrupts, Action<bool> busMasterChanged, Action reset)
{
    /// <summary>Bytes.</summary>
    public const int Size = 4096;

    /// <summary>Vectors of an endpoint that remaps.</summary>
    public const int RemappedVectors = 16;

    private const uint MessagesIdentity = 0x28C0_8086;
    private const uint RemappedIdentity = 0xA77F_8086;
    private const uint RaidClass = 0x0104_0004;

    /// <summary>Not Intel's: the subsystem says who this really is (Red Hat's id for virtual devices, "SoftIov whole adapter").</summary>
    private const uint Subsystem = 0x50F1_1AF4;
    private const uint CapabilitiesList = 0x0010_0000;
    private const int PcieCapability = 0x90;
    private const uint PcieVersion2IntegratedEndpoint = 0x0092_0010;
    private const uint DeviceCapabilities = 0x1000_8000;
    private const uint InitiateReset = 1 << 15;
    private const ushort WritableDeviceControl = 0x7FFF;
    private const ushort WritableCommand =
        CommandBits.MemorySpace | CommandBits.BusMaster | CommandBits.ParityErrorResponse | CommandBits.SystemError
        | CommandBits.InterruptDisable;
    private const int VmConfig = 0x44;
    private const int MsixAt = 0x80;
    private const uint MsixId = 0x11;
    private const uint MsixTable = 0x0000_0004;
    private const uint MsixPending = 0x0000_1004;
    private const ushort WritableMsixControl = MsixCapability.Enable | MsixCapability.FunctionMask;

    private readonly BarLayout _layout = new(layout.Bars);
    private VmdRegisters _registers;

    private bool Remaps => interrupts == WholeInterrupts.Remapped;

    /// <summary>Sizes of the windows.</summary>
    public VmdLayout Layout => layout;

    /// <summary>Where a BAR is, as its client last wrote.</summary>
    public ulong BarBase(int index) => _layout.Base(_registers.Bars, index);

    /// <summary>Power-on values.</summary>
    public void Reset() => _registers = default;

    /// <summary>Reads any bytes.</summary>
    public void Read(int offset, Span<byte> destination)
    {
        Span<byte> dword = stackalloc byte[sizeof(uint)];
        for (int i = 0; i < destination.Length;)
        {
            int lane = (offset + i) & 3;
            BinaryPrimitives.WriteUInt32LittleEndian(dword, ReadDword(offset + i - lane));
            int count = Math.Min(sizeof(uint) - lane, destination.Length - i);
            dword.Slice(lane, count).CopyTo(destination[i..]);
            i += count;
        }
    }

    /// <summary>Writes any bytes.</summary>
    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < source.Length;)
        {
            int lane = (offset + i) & 3;
            int count = Math.Min(sizeof(uint) - lane, source.Length - i);
            WriteDword(offset + i - lane, DwordWrite.FromBytes(lane, source.Slice(i, count)));
            i += count;
        }
    }

    private uint ReadDword(int offset) => offset switch
    {
        0x00 => Remaps ? RemappedIdentity : MessagesIdentity,
        0x04 => _registers.Command | CapabilitiesList,
        0x08 => RaidClass,
        >= 0x10 and < 0x28 => _layout.Read(_registers.Bars, (offset - 0x10) / sizeof(uint)),
        0x2C => Subsystem,
        0x34 => PcieCapability,
        0x3C => _registers.InterruptLine,
        VmConfig => _registers.VmConfig,
        MsixAt when Remaps => MsixId | ((uint)(_registers.MsixControl | (RemappedVectors - 1)) << 16),
        MsixAt + 4 when Remaps => MsixTable,
        MsixAt + 8 when Remaps => MsixPending,
        PcieCapability => PcieVersion2IntegratedEndpoint | (Remaps ? MsixAt << 8 : 0u),
        PcieCapability + 4 => DeviceCapabilities,
        PcieCapability + 8 => _registers.DeviceControl,
        _ => 0,
    };

    private void WriteDword(int offset, DwordWrite write)
    {
        switch (offset)
        {
            case 0x04:
                _registers.Command = write.Merge16(_registers.Command, WritableCommand);
                busMasterChanged((_registers.Command & CommandBits.BusMaster) != 0);
                break;
            case >= 0x10 and < 0x28:
                _layout.Write(ref _registers.Bars, (offset - 0x10) / sizeof(uint), write);
                break;
            case 0x3C:
                _registers.InterruptLine = (byte)write.Merge(_registers.InterruptLine, 0xFF);
                break;
            case VmConfig:
                _registers.VmConfig = write.Merge16(_registers.VmConfig, ushort.MaxValue);
                break;
            case MsixAt when Remaps:
                _registers.MsixControl = write.Merge16(_registers.MsixControl, WritableMsixControl, 16);
                break;
            case PcieCapability + 8:
                _registers.DeviceControl = write.Merge16(_registers.DeviceControl, WritableDeviceControl);
                if (write.Sets(InitiateReset))
                    reset();
                break;
        }
    }
}
