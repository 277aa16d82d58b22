using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <content>BAR 0: registers and doorbells (NVMe 2.0, 3.1). Called by the function's control thread.</content>
internal sealed partial class NvmeController
{
    /// <summary>Reads registers, any width; what is none, and every doorbell, reads 0.</summary>
    public void ReadBar(ulong offset, Span<byte> destination)
    {
        DoResetThatIsDue();
        Span<byte> image = stackalloc byte[ControllerRegister.Length];
        FillRegisters(image);
        for (int i = 0; i < destination.Length; i++)
        {
            ulong at = offset + (ulong)i;
            destination[i] = at < ControllerRegister.Length ? image[(int)at] : (byte)0;
        }
    }

    /// <summary>
    /// Writes a register: aligned dwords, or an aligned quadword as two of them, low first. Other accesses are undefined (NVMe 2.0, 3.1.3): they
    /// change nothing.
    /// </summary>
    public void WriteBar(ulong offset, ReadOnlySpan<byte> source)
    {
        DoResetThatIsDue();
        if ((offset & 3) != 0 || source.Length is not (4 or 8))
            return;
        for (; source.Length >= sizeof(uint); source = source[sizeof(uint)..], offset += sizeof(uint))
            WriteDword((uint)offset, BinaryPrimitives.ReadUInt32LittleEndian(source));
    }

    private void FillRegisters(Span<byte> image)
    {
        image.Clear();
        ref ControllerState state = ref State;
        BinaryPrimitives.WriteUInt64LittleEndian(image, ControllerCapabilities.Value);
        Put(image, ControllerRegister.Version, ControllerCapabilities.Version);
        Put(image, ControllerRegister.InterruptMaskSet, state.InterruptMask);
        Put(image, ControllerRegister.InterruptMaskClear, state.InterruptMask);
        Put(image, ControllerRegister.Configuration, state.Configuration);
        Put(image, ControllerRegister.Status, Volatile.Read(ref state.Status) | (IsOnline ? 0 : ControllerStatus.Fatal));
        Put(image, ControllerRegister.AdminQueueAttributes, state.AdminQueueAttributes);
        BinaryPrimitives.WriteUInt64LittleEndian(image[ControllerRegister.AdminSubmissionQueue..], state.AdminSubmissionQueue);
        BinaryPrimitives.WriteUInt64LittleEndian(image[ControllerRegister.AdminCompletionQueue..], state.AdminCompletionQueue);
    }

    private void WriteDword(uint offset, uint value)
    {
        ref ControllerState state = ref State;
        switch (offset)
        {
            case ControllerRegister.InterruptMaskSet:
                state.InterruptMask |= value;
                _function?.UpdateIntx();
                break;
            case ControllerRegister.InterruptMaskClear:
                state.InterruptMask &= ~value;
                _function?.UpdateIntx();
                break;
            case ControllerRegister.Configuration:
                WriteConfiguration(value);
                break;
            case ControllerRegister.Status when (value & ControllerStatus.SubsystemResetOccurred) != 0:
                Interlocked.And(ref state.Status, ~ControllerStatus.SubsystemResetOccurred);
                break;
            case ControllerRegister.SubsystemReset when value == ControllerRegister.SubsystemResetValue:
                RequestSubsystemReset();
                break;
            case ControllerRegister.AdminQueueAttributes:
                state.AdminQueueAttributes = value & 0x0fff0fff;
                break;
            case ControllerRegister.AdminSubmissionQueue:
                state.AdminSubmissionQueue = WithLow(state.AdminSubmissionQueue, value);
                break;
            case ControllerRegister.AdminSubmissionQueue + 4:
                state.AdminSubmissionQueue = WithHigh(state.AdminSubmissionQueue, value);
                break;
            case ControllerRegister.AdminCompletionQueue:
                state.AdminCompletionQueue = WithLow(state.AdminCompletionQueue, value);
                break;
            case ControllerRegister.AdminCompletionQueue + 4:
                state.AdminCompletionQueue = WithHigh(state.AdminCompletionQueue, value);
                break;
            case >= NvmeBar.Doorbells and < NvmeBar.Doorbells + NvmeBar.DoorbellBytes:
                Ring((int)(offset - NvmeBar.Doorbells) / sizeof(uint), value);
                break;
        }
    }

    /// <summary>Kept as written, offset in the page and all: enabling the controller judges it.</summary>
    private static ulong WithLow(ulong register, uint value) => (register & ~(ulong)uint.MaxValue) | value;

    private static ulong WithHigh(ulong register, uint value) => (uint)register | ((ulong)value << 32);

    private static void Put(Span<byte> image, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image[offset..], value);

    private void Ring(int index, uint value)
    {
        Interlocked.Increment(ref Counters.Doorbells);
        if (Phase == ControllerPhase.Ready && !_queues!.HasDoorbell(index))
            InvalidDoorbell(isValue: false);
        else
            _doorbells.Write(index, value);
        Handle?.Wake();
    }
}
